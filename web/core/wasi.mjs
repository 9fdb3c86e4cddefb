// The handful of WASI calls that the core can make, without a file system, arguments or an environment. Written for
// a browser's worker and for Node alike.

const ERRNO_SUCCESS = 0;
const ERRNO_BADF = 8;
const ERRNO_NOSYS = 52;

export class CoreExit extends Error {
    constructor(code) {
        super(`the core ended with code ${code}`);
        this.code = code;
    }
}

/**
 * @param {{ memory: () => WebAssembly.Memory, onText?: (text: string) => void }} host
 * @returns the import object `wasi_snapshot_preview1`; any call not named here answers "not supported".
 */
export function wasiImports({ memory, onText = () => {} }) {
    const view = () => new DataView(memory().buffer);
    const calls = {
        fd_write(fd, vectors, count, written) {
            if (fd !== 1 && fd !== 2) return ERRNO_BADF;
            let total = 0;
            let text = "";
            for (let i = 0; i < count; i += 1) {
                const at = view().getUint32(vectors + 8 * i, true);
                const length = view().getUint32(vectors + 8 * i + 4, true);
                text += new TextDecoder().decode(new Uint8Array(memory().buffer, at, length));
                total += length;
            }
            view().setUint32(written, total, true);
            if (text) onText(text);
            return ERRNO_SUCCESS;
        },
        random_get(at, length) {
            for (let done = 0; done < length; done += 65536) {
                const part = new Uint8Array(
                    memory().buffer,
                    at + done,
                    Math.min(65536, length - done),
                );
                globalThis.crypto.getRandomValues(part);
            }
            return ERRNO_SUCCESS;
        },
        clock_time_get(_id, _precision, result) {
            view().setBigUint64(result, BigInt(Date.now()) * 1_000_000n, true);
            return ERRNO_SUCCESS;
        },
        environ_sizes_get(count, size) {
            view().setUint32(count, 0, true);
            view().setUint32(size, 0, true);
            return ERRNO_SUCCESS;
        },
        environ_get: () => ERRNO_SUCCESS,
        fd_close: () => ERRNO_SUCCESS,
        proc_exit(code) {
            throw new CoreExit(code);
        },
    };
    return new Proxy(calls, { get: (target, name) => target[name] ?? (() => ERRNO_NOSYS) });
}
