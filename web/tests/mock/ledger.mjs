import { makeContracts } from "./contracts.mjs";

// The mock's ledger: blocks, log lines, notes and receipts with the bytes of docs/formats, so that the
// browser's own checks run against it. Contracts are reduced to the maps that pages ask for.

export function makeLedger(codec, clock) {
    const { sha256, toHex, fromHex, encode, decode, utf8, concat, coseVerify, toBase64 } = codec;
    const { leafHash, merkleRoot, inclusionPath, sign, signPublic, headerHash } = codec;
    const seed = sha256(utf8("the mock's signing key"));
    const member = { seed, key: signPublic(seed), name: "salus/salus-mock/mock" };
    const state = {
        chainId: "salus-mock",
        blocks: [],
        transactions: new Map(),
        lines: [],
        leaves: [],
        accounts: new Map(),
        collections: new Map(),
        records: new Map(),
        directives: new Map(),
        listeners: new Set(),
        nodeAccount: "00".repeat(16),
    };
    const genesis = toHex(sha256(utf8("genesis of the mock")));
    const newest = () => state.blocks[state.blocks.length - 1];
    const contracts = makeContracts(state, codec);
    const digestOf = (text) => toHex(sha256(utf8(text)));

    const keyHash = sha256(concat(utf8(member.name), Uint8Array.of(0x0a, 1), member.key)).slice(
        0,
        4,
    );
    const keyText = `${member.name}+${toHex(keyHash)}+${toBase64(concat(Uint8Array.of(1), member.key))}`;

    function noteOf(header) {
        const text =
            `salus/${state.chainId}\n${header.log_size}\n${toBase64(fromHex(header.log_root))}\n` +
            `height ${header.height} ${toBase64(fromHex(header.header_hash))}\n` +
            `state ${toBase64(fromHex(header.state_root))}\n`;
        const signature = concat(keyHash, sign(member.seed, utf8(text)));
        return `${text}\n— ${member.name} ${toBase64(signature)}\n`;
    }

    function append(line) {
        state.lines.push(line);
        state.leaves.push(leafHash(line));
        return state.lines.length - 1;
    }

    const opLeaf = (op) => leafHash(encode([sha256(op.bytes), op.code]));

    function runOperations(tx, values) {
        for (const value of values) {
            const [contract, method] = [value.get(1), value.get(2)];
            const payload = value.get(4) ?? null;
            const run = contracts[`${contract}.${method}`];
            const code = run ? run(tx, decode(value.get(3)), { payload }) : 7;
            const shown = payload && { digest: toHex(payload[0]), size: payload[1] };
            tx.operations.push({ contract, method, code, payload: shown, bytes: encode(value) });
        }
        tx.code = tx.operations.find((op) => op.code !== 0)?.code ?? 0;
    }

    function submit(message) {
        const opened = coseVerify("salus/v1/transaction", message);
        const body = decode(opened.payload);
        const [height, time] = [state.blocks.length + 1, clock()];
        const previous = newest()?.header_hash ?? genesis;
        const logFrom = append(encode(fromHex(previous)));
        const tx = {
            id: toHex(opened.id),
            height,
            time,
            account: toHex(body.get(2)),
            kid: toHex(opened.kid),
            size: message.length,
            valid_until: body.get(4),
            position: logFrom + 1,
            operations: [],
            message,
        };
        runOperations(tx, body.get(5));
        const operationsRoot = merkleRoot(tx.operations.map(opLeaf));
        append(encode([opened.id, sha256(message), height, time, tx.code, operationsRoot]));
        const header = {
            height,
            time,
            previous,
            transaction_root: toHex(merkleRoot([leafHash(sha256(message))])),
            result_root: digestOf(`result ${tx.id}`),
            log_root: toHex(merkleRoot(state.leaves)),
            log_size: state.lines.length,
            state_root: digestOf(`state ${tx.id}`),
            config_root: digestOf("configuration"),
            proposer: state.nodeAccount,
        };
        header.header_hash = toHex(headerHash(header));
        const block = {
            ...header,
            transactions: 1,
            log_from: logFrom,
            bytes: message.length + 612,
            app_hash: digestOf(`app ${tx.id}`),
            checkpoint: noteOf(header),
            entries: [{ position: logFrom, link: previous }, entryOf(tx)],
        };
        Object.assign(tx, { header_hash: block.header_hash, previous });
        state.blocks.push(block);
        state.transactions.set(tx.id, tx);
        const { header_hash } = block;
        for (const tell of state.listeners)
            tell("block", { height, time, transactions: 1, header_hash });
        return receiptOf(tx);
    }

    const entryOf = (tx) => ({
        position: tx.position,
        id: tx.id,
        code: tx.code,
        account: tx.account,
        contract: tx.operations[0].contract,
        method: tx.operations[0].method,
        operations: tx.operations.length,
        size: tx.size,
    });
    const receiptOf = (tx) => ({
        id: tx.id,
        position: tx.position,
        height: tx.height,
        time: tx.time,
        code: tx.code,
        codes: tx.operations.map((op) => op.code),
        header_hash: tx.header_hash,
        previous: tx.previous,
    });

    /** The member's COSE receipt for one line of the newest log. */
    function inclusionReceipt(position) {
        const { Tagged } = codec;
        const header = encode(
            new Map([
                [1, -8],
                [4, member.key],
                [395, 1],
            ]),
        );
        const proof = encode([
            state.leaves.length,
            position,
            inclusionPath(state.leaves, position),
        ]);
        const structure = encode([
            "Signature1",
            header,
            new Uint8Array(0),
            merkleRoot(state.leaves),
        ]);
        const unprotected = new Map([[396, new Map([[-1, [proof]]])]]);
        return encode(new Tagged(18, [header, unprotected, null, sign(member.seed, structure)]));
    }

    function seal(kind, subject, outcome, position) {
        const line = state.lines[position];
        const note = utf8(newest().checkpoint);
        const zero = new Uint8Array(32);
        const parts = [1, kind, subject, outcome, line, inclusionReceipt(position), note, [], zero];
        const bytes = encode(parts);
        const covered = bytes.subarray(0, bytes.length - 32);
        return concat(covered, sha256(covered));
    }

    function bundleOf(tx) {
        return seal(
            1,
            tx.message,
            tx.operations.map((op) => op.code),
            tx.position,
        );
    }

    /** The bundle of an access receipt: its path to the anchor, and the anchor's to the log. */
    function accessBundle(tx, receipts, index) {
        const leaves = receipts.map((one) => leafHash(one));
        const path = inclusionPath(leaves, index);
        const operation = tx.operations[0];
        return seal(
            3,
            operation.bytes,
            [operation.code, 0, 1, [], receipts[index], path],
            tx.position,
        );
    }

    return { state, submit, genesis, newest, keyText, bundleOf, accessBundle };
}
