// Calls into salus_core.wasm: bytes and words in, JSON out. The same in a worker and in Node.
import { wasiImports } from "./wasi.mjs";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** An answer that says no: `code` is one of Salus' error codes, the message one sentence. */
export class CoreError extends Error {
    constructor(code, detail) {
        super(detail);
        this.name = "CoreError";
        this.code = code;
    }
}

/** Words travel as texts, each behind its length in four bytes, big-endian: key, value, key, value. */
export function encodeWords(words) {
    const texts = words.flat().map((text) => encoder.encode(String(text)));
    const out = new Uint8Array(texts.reduce((size, text) => size + 4 + text.length, 0));
    const view = new DataView(out.buffer);
    let at = 0;
    for (const text of texts) {
        view.setUint32(at, text.length, false);
        out.set(text, at + 4);
        at += 4 + text.length;
    }
    return out;
}

/**
 * @param {BufferSource | WebAssembly.Module} source
 * @param {{ onProgress?: (done: number, total: number) => boolean | void }} [options] `false` stops the reading
 */
export async function openCore(source, { onProgress } = {}) {
    let exports;
    let complaint = "";
    const state = { onProgress };
    const imports = {
        wasi_snapshot_preview1: wasiImports({
            memory: () => exports.memory,
            onText: (text) => {
                complaint = (complaint + text).slice(-2000);
            },
        }),
        salus: { progress: (done, total) => (state.onProgress?.(done, total) === false ? 0 : 1) },
    };
    const module =
        source instanceof WebAssembly.Module ? source : await WebAssembly.compile(source);
    exports = (await WebAssembly.instantiate(module, imports)).exports;
    exports._initialize();

    const put = (bytes) => {
        const at = exports.salus_alloc(bytes.length);
        if (at === 0)
            throw new CoreError("exhausted", "the browser has no memory left for this data set");
        new Uint8Array(exports.memory.buffer, at, bytes.length).set(bytes);
        return at;
    };
    const takeText = (at) => {
        const length = new DataView(exports.memory.buffer).getUint32(at, false);
        const text = decoder.decode(new Uint8Array(exports.memory.buffer, at + 4, length));
        exports.salus_free(at);
        return text;
    };
    /** Calls `name` with byte arrays and returns its text. */
    const callText = (name, ...parts) => {
        const places = [];
        try {
            const args = [];
            for (const part of parts) {
                places.push(put(part));
                args.push(places[places.length - 1], part.length);
            }
            return takeText(exports[name](...args) >>> 0);
        } catch (error) {
            if (error instanceof CoreError) throw error;
            throw new CoreError("exhausted", `the core stopped: ${complaint || error.message}`);
        } finally {
            for (const place of places) exports.salus_free(place);
        }
    };
    const parse = (text) => {
        const value = JSON.parse(text);
        if (value.error) throw new CoreError(value.error.code, value.error.detail);
        return value;
    };

    return {
        /** Raw JSON text of a studio verb; `file` for `load` only. */
        studioText(verb, words = [], file = null) {
            const list = encodeWords(words);
            return verb === "load"
                ? callText("studio_load", file ?? new Uint8Array(0), list)
                : callText(`studio_${verb}`, list);
        },
        studio(verb, words = [], file = null) {
            return parse(this.studioText(verb, words, file));
        },
        sha256Hex: (bytes) => callText("core_sha256", bytes),
        /** True when the bytes are one canonical CBOR item. */
        isCanonicalCbor: (bytes) => JSON.parse(callText("core_cbor_check", bytes)).ok === true,
        onProgress(handler) {
            state.onProgress = handler;
        },
        memoryBytes: () => exports.memory.buffer.byteLength,
    };
}
