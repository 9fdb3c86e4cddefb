// The mock's ledger: real block hashes over its own bytes, contracts reduced to the maps pages ask for.
// It checks no signature and proves nothing; the real node does.

export function makeLedger(codec, clock) {
  const { sha256, toHex, fromHex, encode, decode, utf8, be64, concat, coseVerify } = codec;
  const state = {
    chainId: "salus-mock",
    blocks: [],
    transactions: new Map(),
    positions: 0,
    accounts: new Map(),
    collections: new Map(),
    records: new Map(),
    directives: new Map(),
    listeners: new Set(),
  };
  const genesis = toHex(sha256(utf8("genesis of the mock")));
  const newest = () => state.blocks[state.blocks.length - 1];

  const contracts = {
    "registry.enrol": (tx, args) => {
      if (state.accounts.has(tx.account)) return 110;
      state.accounts.set(tx.account, { kind: args.get(1), sig: args.get(2), kem: args.get(3) });
      return 0;
    },
    "registry.credential_issue": () => 0,
    "record.collection_put": (tx, args) => {
      const id = toHex(args.get(1));
      if (state.collections.has(id)) return 110;
      const [flags, height] = [args.get(3), tx.height];
      const label = args.get(2);
      state.collections.set(id, { id, owner: tx.account, epoch: 1, flags, height, label });
      return 0;
    },
    "record.put": (tx, args, op) => {
      const [record, collection, epoch] = args;
      const found = state.collections.get(toHex(collection));
      if (!found || found.owner !== tx.account) return 100;
      if (found.epoch !== epoch) return 112;
      const id = toHex(record);
      state.records.set(id, {
        record: id, collection: found.id, epoch, author: tx.account, height: tx.height,
        time: tx.time, status: 1, tx: tx.id, position: tx.position,
        digest: toHex(op.payload[0]), size: op.payload[1],
      });
      return 0;
    },
    "consent.put": (tx, args) => {
      const ir = decode(args.get(2));
      if (ir.get(8) <= tx.time) return 120;
      const id = toHex(args.get(1));
      state.directives.set(id, {
        directive: id, patient: tx.account, irBytes: args.get(2), ir, from: ir.get(7),
        until: ir.get(8), put_height: tx.height, put_time: tx.time, revoked: null,
      });
      return 0;
    },
    "consent.revoke": (tx, args) => {
      const found = state.directives.get(toHex(args.get(1)));
      if (!found) return 103;
      if (found.revoked) return 122;
      found.revoked = tx.time;
      for (const [collection, epoch] of args.get(3)) {
        state.collections.get(toHex(collection)).epoch = epoch;
      }
      return 0;
    },
  };

  function submit(message) {
    const opened = coseVerify("salus/v1/transaction", message);
    const body = decode(opened.payload);
    const height = state.blocks.length + 1;
    const id = toHex(opened.id);
    const time = clock();
    const previous = newest()?.header_hash ?? genesis;
    const tx = {
      id, height, time, account: toHex(body.get(2)), kid: toHex(opened.kid),
      size: message.length, valid_until: body.get(4), position: state.positions + 1, operations: [],
    };
    for (const value of body.get(5)) {
      const [contract, method] = [value.get(1), value.get(2)];
      const payload = value.get(4) ?? null;
      const run = contracts[`${contract}.${method}`];
      const code = run ? run(tx, decode(value.get(3)), { payload }) : 7;
      const shown = payload && { digest: toHex(payload[0]), size: payload[1] };
      tx.operations.push({ contract, method, code, payload: shown });
    }
    tx.code = tx.operations.find((op) => op.code !== 0)?.code ?? 0;
    const logFrom = state.positions;
    state.positions += 2;
    const header = sha256(concat(be64(height), be64(time), fromHex(previous), opened.id));
    const hash = (label) => toHex(sha256(concat(utf8(label), header)));
    const block = {
      height, time, header_hash: toHex(header), previous, transactions: 1, log_from: logFrom,
      log_size: state.positions, bytes: message.length + 612,
      transaction_root: hash("transactions"), result_root: hash("results"), log_root: hash("log"),
      state_root: hash("state"), app_hash: hash("app"), proposer: state.nodeAccount ?? "",
      checkpoint: `salus/${state.chainId}\n${state.positions}\n`,
      entries: [
        { position: logFrom, link: previous },
        {
          position: tx.position, id, code: tx.code, account: tx.account,
          contract: tx.operations[0].contract, method: tx.operations[0].method,
          operations: tx.operations.length, size: tx.size,
        },
      ],
    };
    Object.assign(tx, { header_hash: block.header_hash, previous });
    state.blocks.push(block);
    state.transactions.set(id, tx);
    for (const listener of state.listeners) listener("block", pick(block));
    return receiptOf(tx);
  }

  const pick = ({ height, time, transactions, header_hash }) => ({
    height, time, transactions, header_hash,
  });
  const receiptOf = (tx) => ({
    id: tx.id, position: tx.position, height: tx.height, time: tx.time, code: tx.code,
    codes: tx.operations.map((op) => op.code), header_hash: tx.header_hash, previous: tx.previous,
  });

  const blockRow = (block) => {
    const { height, time, header_hash, previous, transactions, log_from, log_size, bytes } = block;
    return { height, time, header_hash, previous, transactions, log_from, log_size, bytes };
  };

  return { state, submit, genesis, newest, blockRow, encode };
}
