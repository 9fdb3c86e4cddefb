"""Computes the worked examples of key-slot.md, hpke-wrap.md, sealed-record.md, shamir-share.md.

Written from those pages alone, on the Python packages `cryptography` and `argon2-cffi`, so that
the C++ and the TypeScript implementation can both be held against something that shares no code
with them. Every random draw is fixed.
"""

import base64
import hashlib
import hmac
import json
import pathlib
import struct
import unicodedata

import argon2.low_level as argon2
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

RAW = (serialization.Encoding.Raw, serialization.PublicFormat.Raw)
here = pathlib.Path(__file__).parent


def be32(n):
    return struct.pack(">I", n)


def be64(n):
    return struct.pack(">Q", n)


def prefixed(field):
    return be32(len(field)) + field


def extract(salt, ikm, name="sha256"):
    return hmac.new(salt, ikm, name).digest()


def expand(prk, info, length, name="sha256"):
    out, block, n = b"", b"", 1
    while len(out) < length:
        block = hmac.new(prk, block + info + bytes([n]), name).digest()
        out, n = out + block, n + 1
    return out[:length]


def hkdf(ikm, info, length):
    return expand(extract(b"", ikm), info, length)


def sequence(first, size):
    """Stands for a random draw: first, first + 1, …"""
    return bytes((first + i) % 256 for i in range(size))


def x_public(private):
    return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes(*RAW)


def key_id(public):
    return hashlib.sha256(public).digest()[:16]


def head(kind):
    return b"SALUS" + bytes([1, 1, kind])


def chunked(key, salt, context, plaintext):
    info = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\x00" + salt + context
    okm = expand(key, info, 76, "sha512")
    aead, nonce, commitment = AESGCM(okm[:32]), int.from_bytes(okm[32:44], "big"), okm[44:]
    out = salt + commitment
    for i in range(len(plaintext) // 16384 + 1):
        part = plaintext[i * 16384 : (i + 1) * 16384]
        out += aead.encrypt((nonce ^ i).to_bytes(12, "big"), part, b"")
    return out


def hpke_seal(ephemeral, to, info, aad, plaintext):
    kem, suite = b"KEM\x00\x20", b"HPKE\x00\x20\x00\x01\x00\x02"

    def l_extract(s, salt, label, ikm):
        return extract(salt, b"HPKE-v1" + s + label + ikm)

    def l_expand(s, prk, label, extra, length):
        return expand(prk, struct.pack(">H", length) + b"HPKE-v1" + s + label + extra, length)

    enc = x_public(ephemeral)
    dh = X25519PrivateKey.from_private_bytes(ephemeral).exchange(
        X25519PublicKey.from_public_bytes(to)
    )
    shared = l_expand(kem, l_extract(kem, b"", b"eae_prk", dh), b"shared_secret", enc + to, 32)
    schedule = (
        b"\x00"
        + l_extract(suite, b"", b"psk_id_hash", b"")
        + l_extract(suite, b"", b"info_hash", info)
    )
    secret = l_extract(suite, shared, b"secret", b"")
    key = l_expand(suite, secret, b"key", schedule, 32)
    nonce = l_expand(suite, secret, b"base_nonce", schedule, 12)
    return enc, AESGCM(key).encrypt(nonce, plaintext, aad)


ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


def write_code(secret):
    text = base64.b32encode(secret).decode().rstrip("=")

    def times_x(v):
        return (v << 1) ^ 0x25 if v & 0x10 else v << 1

    value = 0
    for c in text:
        value = times_x(value) ^ ALPHABET.index(c)
    text += ALPHABET[times_x(value)]
    return "-".join(text[i : i + 3] for i in range(0, 27, 3))


def key_slot():
    amk, organisation = sequence(0x00, 32), sequence(0xA0, 16)
    account, slot_id, salt16 = sequence(0xB0, 16), sequence(0xC0, 16), sequence(0xD0, 16)
    collection, epoch = sequence(0xE0, 16), 2

    def derive(label, context, length):
        return hkdf(amk, label + b"\x00" + context, length)

    sig = derive(b"salus/v1/sig", organisation, 32)
    kem = derive(b"salus/v1/kem", organisation + be32(epoch), 32)
    ck = derive(b"salus/v1/collection", collection + be32(epoch), 32)
    derived = dict(
        organisation=organisation.hex(),
        account=account.hex(),
        collection=collection.hex(),
        epoch=epoch,
        account_id=derive(b"salus/v1/account", organisation, 16).hex(),
        sig_seed=sig.hex(),
        sig_public=Ed25519PrivateKey.from_private_bytes(sig).public_key().public_bytes(*RAW).hex(),
        kem_private=kem.hex(),
        kem_public=x_public(kem).hex(),
        label_key=derive(b"salus/v1/label-key", organisation, 32).hex(),
        collection_private=ck.hex(),
        collection_public=x_public(ck).hex(),
        collection_key_id=key_id(x_public(ck)).hex(),
        keyring_key=derive(b"salus/v1/keyring", account, 32).hex(),
    )

    password = "correct horse battery staple"
    stretched = argon2.hash_secret_raw(password.encode(), salt16, 3, 65536, 1, 32, argon2.Type.ID)
    auth, kek = hkdf(stretched, b"salus/v1/auth", 32), hkdf(stretched, b"salus/v1/kek", 32)
    kdf = be32(65536) + be32(3) + be32(1) + salt16

    def slot(kind, kdf_bytes, with_kek, chunk_salt):
        context = b"salus/v1/slot\x00" + b"".join(
            map(prefixed, (account, slot_id, bytes([kind]), kdf_bytes, be32(1)))
        )
        parameters = bytes([kind]) + slot_id + be32(1) + bytes([len(kdf_bytes)]) + kdf_bytes
        blob = head(0x01) + parameters + chunked(with_kek, chunk_salt, context, amk)
        return dict(context=context.hex(), chunked_salt=chunk_salt.hex(), blob=blob.hex())

    code = sequence(0x10, 16)
    recovery_kek = hkdf(code, b"salus/v1/recovery-kek", 32)
    recovery_auth = hkdf(code, b"salus/v1/recovery-auth", 32)
    # One password as two keyboards spell it: both stretch its form NFKC.
    spelled = "Gr\u00fc\u00dfe aus K\u00f6ln, \u00bd \ufb01 \u00c5 \ufdfa"
    formed = unicodedata.normalize("NFKC", spelled).encode()
    spelled_keys = argon2.hash_secret_raw(formed, salt16, 3, 65536, 1, 32, argon2.Type.ID)
    demo, passkey = sequence(0x30, 32), sequence(0x50, 32)
    claim = sequence(0x70, 16)
    return dict(
        amk=amk.hex(),
        slot_id=slot_id.hex(),
        derived=derived,
        password=dict(
            text=password,
            salt=salt16.hex(),
            m_kib=65536,
            t=3,
            p=1,
            stretched=stretched.hex(),
            auth_key=auth.hex(),
            kek=kek.hex(),
            **slot(1, kdf, kek, sequence(0x80, 24)),
        ),
        recovery=dict(
            code=code.hex(),
            text=write_code(code),
            auth_key=recovery_auth.hex(),
            kek=recovery_kek.hex(),
            **slot(2, b"", recovery_kek, sequence(0x90, 24)),
        ),
        demo=dict(
            key=demo.hex(),
            auth_key=hkdf(demo, b"salus/v1/demo-auth", 32).hex(),
            kek=hkdf(demo, b"salus/v1/demo-kek", 32).hex(),
        ),
        passkey=dict(prf=passkey.hex(), kek=hkdf(passkey, b"salus/v1/passkey-kek", 32).hex()),
        claim=dict(
            code=claim.hex(),
            text=write_code(claim),
            secret=hkdf(claim, b"salus/v1/claim", 32).hex(),
            kem_private=hkdf(claim, b"salus/v1/claim-kem", 32).hex(),
        ),
        spellings=dict(
            composed=spelled.encode().hex(),
            decomposed=unicodedata.normalize("NFD", spelled).encode().hex(),
            nfkc=formed.hex(),
            auth_key=hkdf(spelled_keys, b"salus/v1/auth", 32).hex(),
        ),
    )


CHAIN, PATIENT, RECORD = b"salus-demo", sequence(0xB0, 16), sequence(0x40, 16)
CATEGORY, GRANTER = sequence(0x60, 16), sequence(0x20, 16)


def aad_of(kind, grantee, version=b"", epoch=b"", grant=b"", not_after=b"", purpose=b""):
    return b"".join(
        map(
            prefixed,
            (
                head(kind),
                CHAIN,
                PATIENT,
                RECORD,
                version,
                CATEGORY,
                epoch,
                GRANTER,
                grantee,
                grant,
                not_after,
                purpose,
            ),
        )
    )


def hpke_wrap():
    grantee = sequence(0x01, 32)
    ephemeral, collection = sequence(0x21, 32), sequence(0x41, 32)
    grant, not_after = sequence(0x80, 16), 1_767_225_600_000
    to = x_public(grantee)
    aad = aad_of(
        0x10, key_id(to), epoch=be32(2), grant=grant, not_after=be64(not_after), purpose=b"TREAT"
    )
    enc, ct = hpke_seal(ephemeral, to, b"salus/v1/wrap", aad, collection)
    return dict(
        grantee_private=grantee.hex(),
        grantee_public=to.hex(),
        grantee_key_id=key_id(to).hex(),
        ephemeral_private=ephemeral.hex(),
        payload=collection.hex(),
        info=b"salus/v1/wrap".hex(),
        chain_id=CHAIN.decode(),
        patient=PATIENT.hex(),
        object=RECORD.hex(),
        category=CATEGORY.hex(),
        epoch=2,
        granter=GRANTER.hex(),
        grant=grant.hex(),
        not_after=not_after,
        purpose="TREAT",
        aad=aad.hex(),
        blob=(head(0x10) + enc + ct).hex(),
        digest=hashlib.sha256(enc + ct).hexdigest(),
    )


def padme(size):
    e = size.bit_length() - 1
    mask = (1 << (e - e.bit_length())) - 1
    return (size + mask) & ~mask


def padded(size):
    return padme(max(size + 8, 256))


def sealed_record():
    collection, ephemeral, data_key = sequence(0x41, 32), sequence(0x21, 32), sequence(0x61, 32)
    to, chunk_salt = x_public(collection), sequence(0x80, 24)
    plaintext = b'{"type":"note","title":"Check-up","text":"All well.","date":"2026-01-02"}'
    aad = aad_of(0x11, key_id(to), version=be64(1), epoch=be32(2))
    enc, ct = hpke_seal(ephemeral, to, b"salus/v1/wrap", aad, data_key)
    context = b"salus/v1/record\x00" + b"".join(map(prefixed, (CHAIN, PATIENT, RECORD, be64(1))))
    inside = be64(len(plaintext)) + plaintext
    inside += bytes(padded(len(plaintext)) - len(inside))
    sizes = [0, 1, 247, 248, 249, 256, 1000, 10000, 65536, 1 << 20, 16 << 20]
    return dict(
        collection_private=collection.hex(),
        collection_public=to.hex(),
        ephemeral_private=ephemeral.hex(),
        data_key=data_key.hex(),
        plaintext=plaintext.decode(),
        chain_id=CHAIN.decode(),
        patient=PATIENT.hex(),
        object=RECORD.hex(),
        version=1,
        category=CATEGORY.hex(),
        epoch=2,
        granter=GRANTER.hex(),
        aad=aad.hex(),
        context=context.hex(),
        chunked_salt=chunk_salt.hex(),
        padded_plaintext=inside.hex(),
        wrap=(head(0x11) + enc + ct).hex(),
        body=(head(0x20) + chunked(data_key, chunk_salt, context, inside)).hex(),
        padding=[dict(plaintext=n, padded=padded(n)) for n in sizes],
    )


def shamir_share():
    exp, x = [0] * 255, 1
    for i in range(255):
        exp[i] = x
        x ^= (x << 1) ^ (0x11B if x & 0x80 else 0)
    log = {v: i for i, v in enumerate(exp)}

    def mul(a, b):
        return exp[(log[a] + log[b]) % 255] if a and b else 0

    secret, slope, share_set = sequence(0x00, 32), sequence(0x91, 32), sequence(0xF0, 8)
    shares = []
    for i in (1, 2, 3):
        body = (
            head(0x30)
            + share_set
            + bytes([2, i])
            + bytes(s ^ mul(i, c) for s, c in zip(secret, slope))
        )
        shares.append((body + hashlib.sha256(body).digest()[:4]).hex())
    return dict(
        secret=secret.hex(),
        coefficient=slope.hex(),
        set=share_set.hex(),
        threshold=2,
        shares=shares,
    )


for name, make in (
    ("key-slot", key_slot),
    ("hpke-wrap", hpke_wrap),
    ("sealed-record", sealed_record),
    ("shamir-share", shamir_share),
):
    (here / f"{name}.json").write_text(json.dumps(make(), indent=1, ensure_ascii=False) + "\n")
