"""Checks bundle.json and consistency.json by docs/formats/receipt.md with other people's CBOR and COSE code."""
import base64
import hashlib
import hmac
import json
import os

import cbor2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pycose.keys import OKPKey
from pycose.messages import Sign1Message


LABEL = b"salus/v1/transaction"


def sha(data):
    return hashlib.sha256(data).digest()


def canonical(value):
    return cbor2.dumps(value, canonical=True)


def leaf(data):
    return sha(b"\0" + data)


def climb(node, index, size, path):
    """RFC 9162 section 2.1.3.2, written from the text."""
    fn, sn = index, size - 1
    for other in path:
        assert sn > 0
        if fn % 2 == 1 or fn == sn:
            node = sha(b"\1" + other + node)
            while fn % 2 == 0 and fn != 0:
                fn, sn = fn // 2, sn // 2
        else:
            node = sha(b"\1" + node + other)
        fn, sn = fn // 2, sn // 2
    assert sn == 0
    return node


def root_of(leaves):
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return sha(b"\1" + root_of(leaves[:split]) + root_of(leaves[split:]))


def subproof(old, new, path, whole, root):
    """RFC 6962 section 2.1.2 read backwards: the old and the new root that a path leads to."""
    if old == new:
        node = root if whole else path.pop()
        return node, node
    split = 1
    while split * 2 < new:
        split *= 2
    other = path.pop()
    if old <= split:
        left_old, left_new = subproof(old, split, path, whole, root)
        return left_old, sha(b"\1" + left_new + other)
    right_old, right_new = subproof(old - split, new - split, path, False, root)
    return sha(b"\1" + other + right_old), sha(b"\1" + other + right_new)


def head(note):
    _, size, root = note.split("\n")[:3]
    return int(size), base64.b64decode(root)


def check_consistency(receipt, older, newer, trust):
    message = Sign1Message.decode(receipt)
    assert canonical(cbor2.loads(receipt)) == receipt
    _, unprotected, payload, _ = cbor2.loads(receipt).value
    assert payload is None and list(unprotected) == [396] and list(unprotected[396]) == [-2]
    (proof,) = unprotected[396][-2]
    size_1, size_2, path = cbor2.loads(proof)
    assert (size_1, size_2) == (older[0], newer[0]) and path
    assert cbor2.loads(message.phdr_encoded)[395] == 1
    assert subproof(size_1, size_2, path, True, older[1]) == (older[1], newer[1])
    assert path == []
    assert check_sign1(message, b"", newer[1]) in [material[1:] for _, _, material in trust]
    return {"from": size_1, "to": size_2}


def check_sign1(message, label=b"", payload=None):
    message.external_aad = label
    kid = cbor2.loads(message.phdr_encoded)[4]
    message.key = OKPKey(crv="ED25519", x=kid)
    assert message.verify_signature(detached_payload=payload)
    return kid


def outcome_leaf(operation_hash, code):
    return leaf(canonical([operation_hash, code]))


def check_note(note, trust, size, root):
    text, lines = note.decode().split("\n\n")
    body = (text + "\n").encode()
    assert text.split("\n")[1:3] == [str(size), base64.b64encode(root).decode()]
    signed = 0
    for line in lines.strip().split("\n"):
        _, name, value = line.split(" ")
        raw = base64.b64decode(value)
        for key_name, hash_hex, material in trust:
            if key_name == name and raw[:4].hex() == hash_hex:
                Ed25519PublicKey.from_public_bytes(material[1:]).verify(raw[4:], body)
                signed += 1
    assert 3 * signed > 2 * len(trust)


def check(bundle, trust):
    items = cbor2.loads(bundle)
    assert canonical(items) == bundle
    version, kind, subject, outcome, entry, receipt, note, openings, end = items
    assert version == 1 and end == sha(bundle[:-32])
    tx_id, cose_hash, height, time, code, operations_root = cbor2.loads(entry)
    if kind == 1:
        message = Sign1Message.decode(subject)
        check_sign1(message, LABEL)
        assert sha(subject) == cose_hash
        assert sha(canonical(["Signature1", message.phdr_encoded, LABEL, message.payload])) == tx_id
        operations = cbor2.loads(message.payload)[5]
        assert len(operations) == len(outcome)
        pairs = zip(operations, outcome)
        leaves = [outcome_leaf(sha(canonical(o)), c) for o, c in pairs]
        assert root_of(leaves) == operations_root
    else:
        op_code, index, count, path = outcome
        assert climb(outcome_leaf(sha(subject), op_code), index, count, path) == operations_root
    for salt, value in openings:
        assert hmac.digest(salt, value, "sha256") in subject
    message = Sign1Message.decode(receipt)
    size, position, path = cbor2.loads(cbor2.loads(receipt).value[1][396][-1][0])
    assert cbor2.loads(message.phdr_encoded)[395] == 1
    root = climb(leaf(entry), position, size, path)
    assert check_sign1(message, b"", root) in [material[1:] for _, _, material in trust]
    check_note(note, trust, size, root)
    return {"kind": kind, "position": position, "height": height, "time": time, "code": code}


HERE = os.path.dirname(os.path.abspath(__file__))


def load(name):
    with open(os.path.join(HERE, name), encoding="utf-8") as file:
        data = json.load(file)
    keys = [line.split("+", 2) for line in data["trust"].split()]
    return data, [(name, key_hash, base64.b64decode(key)) for name, key_hash, key in keys]


made, keys = load("bundle.json")
for name in ("transaction", "operation"):
    print(name, check(bytes.fromhex(made[name]), keys))
made, keys = load("consistency.json")
older, newer = head(made["older"]), head(made["newer"])
check_note(made["newer"].encode(), keys, *newer)
print("consistency", check_consistency(bytes.fromhex(made["receipt"]), older, newer, keys))
