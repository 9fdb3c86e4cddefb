// What the contracts keep, as far as pages ask for it.

export function makeContracts(state, { toHex, decode }) {
    return {
        "registry.enrol": (tx, args) => {
            if (state.accounts.has(tx.account)) return 110;
            state.accounts.set(tx.account, {
                kind: args.get(1),
                sig: args.get(2),
                kem: args.get(3),
            });
            return 0;
        },
        "access.anchor": () => 0,
        "record.collection_put": (tx, args) => {
            const id = toHex(args.get(1));
            if (state.collections.has(id)) return 110;
            const [label, flags] = [args.get(2), args.get(3)];
            state.collections.set(id, {
                id,
                owner: tx.account,
                epoch: 1,
                flags,
                height: tx.height,
                label,
            });
            return 0;
        },
        "record.put": (tx, args, op) => {
            const [record, collection, epoch] = args;
            const found = state.collections.get(toHex(collection));
            if (!found || found.owner !== tx.account) return 100;
            if (found.epoch !== epoch) return 112;
            const id = toHex(record);
            state.records.set(id, {
                record: id,
                collection: found.id,
                epoch,
                author: tx.account,
                height: tx.height,
                time: tx.time,
                status: 1,
                tx: tx.id,
                position: tx.position,
                digest: toHex(op.payload[0]),
                size: op.payload[1],
            });
            return 0;
        },
        "consent.put": (tx, args) => {
            const ir = decode(args.get(2));
            if (ir.get(8) <= tx.time) return 120;
            const id = toHex(args.get(1));
            state.directives.set(id, {
                directive: id,
                patient: tx.account,
                irBytes: args.get(2),
                ir,
                from: ir.get(7),
                until: ir.get(8),
                put_height: tx.height,
                put_time: tx.time,
                revoked: null,
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
}
