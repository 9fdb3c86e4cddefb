"""Makes transaction.json: docs/formats/transaction.md by other people's CBOR and COSE code."""
import hashlib
import json

import cbor2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pycose.algorithms import EdDSA
from pycose.headers import KID, Algorithm
from pycose.keys import OKPKey
from pycose.messages import Sign1Message


def canonical(value):
    return cbor2.dumps(value, canonical=True)


def public(seed):
    key = Ed25519PrivateKey.from_private_bytes(seed)
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def sign1(seed, payload, label):
    kid = public(seed)
    message = Sign1Message(phdr={Algorithm: EdDSA, KID: kid}, payload=payload, external_aad=label)
    message.key = OKPKey(crv="ED25519", x=kid, d=seed)
    return message.encode(tag=True)


seed = bytes([9] * 32)
operations = [
    {1: "record", 2: "put", 3: canonical([bytes([1] * 16), bytes([2] * 16), 1, bytes([3] * 32)]),
     4: [bytes([4] * 32), 4096]},
    {1: "consent", 2: "revoke",
     3: canonical({1: bytes([5] * 16), 2: "asked", 3: [], 4: bytes([6] * 32)})},
]
body = {1: "vector", 2: bytes([7] * 16), 3: bytes([8] * 16), 4: 1767225660000, 5: operations, 6: 1}
payload = canonical(body)
envelope = sign1(seed, payload, b"salus/v1/transaction")
protected, _, _, signature = cbor2.loads(envelope).value
structure = canonical(["Signature1", protected, b"salus/v1/transaction", payload])
print(json.dumps({
    "seed": seed.hex(), "kid": public(seed).hex(),
    "payload": payload.hex(), "envelope": envelope.hex(),
    "sig_structure": structure.hex(), "id": hashlib.sha256(structure).hexdigest(),
    "cose_hash": hashlib.sha256(envelope).hexdigest(),
    "operation_hashes": [hashlib.sha256(canonical(o)).hexdigest() for o in operations],
}, indent=1))
