"""A checkpoint stamped by an RFC 3161 authority, here OpenSSL's own with certificates made now."""

import json
import os
import shutil
import subprocess

import node

CONFIG = """
[tsa]
default_tsa = here
[here]
serial = serial
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ess_cert_id_alg = sha256
[tsa_ext]
basicConstraints = CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
"""


class StampTest(node.NodeTest):
    def path(self, name):
        return os.path.join(self.directory, name)

    def openssl(self, *words):
        subprocess.run(
            ["openssl", *words], cwd=self.directory, check=True, capture_output=True, timeout=60
        )

    def authority(self, name):
        """A certificate authority and a time-stamp authority under it."""
        with open(self.path("tsa.cnf"), "w", encoding="utf-8") as file:
            file.write(CONFIG)
        with open(self.path("serial"), "w", encoding="utf-8") as file:
            file.write("01\n")
        new = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
        self.openssl("req", "-x509", *new, "-subj", "/CN=CA " + name, "-days", "2",
                     "-keyout", name + "-ca.key", "-out", name + "-ca.pem")  # fmt: skip
        self.openssl("req", *new, "-subj", "/CN=TSA " + name,
                     "-keyout", name + ".key", "-out", name + ".csr")  # fmt: skip
        self.openssl("x509", "-req", "-in", name + ".csr", "-CA", name + "-ca.pem",
                     "-CAkey", name + "-ca.key", "-CAcreateserial", "-days", "2",
                     "-extfile", "tsa.cnf", "-extensions", "tsa_ext",
                     "-out", name + ".pem")  # fmt: skip

    def reply(self, name, query, out):
        self.openssl("ts", "-reply", "-config", "tsa.cnf", "-queryfile", query,
                     "-inkey", name + ".key", "-signer", name + ".pem", "-out", out)  # fmt: skip

    def stamp(self, *words, code=0):
        return self.salus("log", "stamp", "--checkpoint", self.path("c"), *words, code=code)

    def test_a_checkpoint_is_stamped_and_the_stamp_checked(self):
        if shutil.which("openssl") is None:
            print("no openssl program here: nothing to try")
            return
        self.salus("tx", "submit")
        self.salus("log", "checkpoint", "--out", self.path("c"))
        self.stamp("--request-out", self.path("q"))
        self.openssl("ts", "-query", "-data", "c", "-sha256", "-no_nonce", "-cert", "-out", "q2")
        with open(self.path("q"), "rb") as mine, open(self.path("q2"), "rb") as theirs:
            self.assertEqual(mine.read(), theirs.read())
        self.authority("one")
        self.authority("two")
        self.reply("one", "q", "c.tsr")
        words = ("--response", self.path("c.tsr"), "--ca")
        good = json.loads(self.stamp(*words, self.path("one-ca.pem"))[0])
        self.assertTrue(good["ok"])
        self.assertGreater(good["time"], 1_700_000_000_000)
        out = self.stamp(*words, self.path("two-ca.pem"), code=1)[0]
        self.assertIn("not signed", json.loads(out)["error"])
        self.stamp(*words, self.path("c"), code=1)  # no certificate in it
        with open(self.path("c.tsr"), "rb") as file:
            whole = file.read()
        for at in range(0, len(whole), 53):
            with open(self.path("bad.tsr"), "wb") as file:
                file.write(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
            self.stamp(
                "--response", self.path("bad.tsr"), "--ca", self.path("one-ca.pem"), code=1
            )
        # The stamp of one checkpoint is none of another.
        self.salus("tx", "submit")
        self.salus("log", "checkpoint", "--out", self.path("c"))
        out = self.stamp(*words, self.path("one-ca.pem"), code=1)[0]
        self.assertIn("something else", json.loads(out)["error"])

    def test_wrong_use_of_stamp(self):
        self.salus("log", "stamp", code=2)
        self.salus("log", "stamp", "--checkpoint", "x", code=2)
        self.salus("log", "stamp", "--checkpoint", "x", "--response", "y", code=2)


if __name__ == "__main__":
    node.main()
