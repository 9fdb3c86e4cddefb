"""A witness and a node: cosignatures, forks, old copies, and a mirror made of tiles."""

import base64
import hashlib
import json
import os
import shutil
import subprocess
import urllib.error
import urllib.request

import node


def sha(data):
    return hashlib.sha256(data).digest()


def root_of(leaves):
    """RFC 6962 section 2.1, as it is written."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return sha(b"\1" + root_of(leaves[:split]) + root_of(leaves[split:]))


def index_path(number):
    text = "%03d" % (number % 1000)
    number //= 1000
    while number:
        text = "x%03d/" % (number % 1000) + text
        number //= 1000
    return text


class WitnessTest(node.NodeTest):
    def setUp(self):
        super().setUp()
        self.key = self.salus(
            "witness", "--key", self.path("key"), "--name", "witness.example", url=False
        )[0].strip()
        self.node.stop()
        self.configure(self.node, witnesses=[self.key])
        self.node.start()

    def path(self, name):
        return os.path.join(self.directory, name)

    @staticmethod
    def configure(one, **more):
        with open(one.config, encoding="utf-8") as file:
            config = json.load(file)
        config.update(more)
        with open(one.config, "w", encoding="utf-8") as file:
            json.dump(config, file)

    def get(self, path, data=None):
        request = urllib.request.Request(self.node.url + path, data=data)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.read(), answer.headers

    def refused(self, path, data=None):
        with self.assertRaises(urllib.error.HTTPError) as caught:
            self.get(path, data)
        caught.exception.close()
        return caught.exception.code

    def visit(self, code=0, **options):
        out, err = self.salus(
            "witness",
            "--key",
            self.path("key"),
            "--state",
            self.path("state"),
            "--once",
            code=code,
            **options,
        )
        return json.loads(out), err

    def trust(self):
        with open(self.path("trust"), "w", encoding="utf-8") as file:
            file.write(self.salus("log", "keys")[0] + self.key + "\n")
        return self.path("trust")

    def read(self, name):
        with open(self.path(name), "rb") as file:
            return file.read()

    def write(self, name, data):
        with open(self.path(name), "wb") as file:
            file.write(data)
        return self.path(name)

    def refuses_to_start(self, one):
        done = subprocess.run(
            [os.path.join(node.BIN, "salusd"), "--config", one.config],
            capture_output=True,
            text=True,
            timeout=60,
        )
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertNotIn("ready", done.stdout)
        return done.stderr

    def test_a_witness_cosigns_and_everybody_sees_it(self):
        out, err = self.salus("chain", "status")
        self.assertEqual(
            json.loads(out)["witnesses"],
            [{"name": "witness.example", "log_size": None, "time": None}],
        )
        self.assertIn("no witness", err)
        self.salus("tx", "submit", "--count", "3")
        seen = self.visit()[0]
        self.assertTrue(seen["ok"])
        one = self.answer("chain", "status")["witnesses"][0]
        self.assertEqual(one["log_size"], seen["log_size"])
        self.assertGreater(one["time"], 1_700_000_000_000)
        note = self.get("/api/checkpoint")[0].decode()
        self.assertIn("\u2014 witness.example ", note)
        self.assertEqual(self.get("/api/checkpoint/cosigned")[0].decode(), note)
        self.assertEqual(json.loads(self.get("/api/status")[0])["witnesses"], 1)
        self.assertEqual(self.visit()[0]["log_size"], seen["log_size"])
        # A receipt for what was witnessed carries the cosignature; both keys must have signed.
        self.salus("tx", "submit")
        first = self.lines("log", "tail", "--last", "1000")[0]
        self.salus("tx", "show", first["id"], "--receipt", self.path("r"))
        self.assertTrue(
            self.answer("verify", "--receipt", self.path("r"), "--trust", self.trust())["ok"]
        )
        self.assertEqual(self.node.stop(), 0)
        self.assertTrue(self.answer("verify", "--data", self.node.data)["ok"])
        self.node.start()
        self.assertEqual(
            self.answer("chain", "status")["witnesses"][0]["log_size"], seen["log_size"]
        )

    def test_an_older_receipt_is_checked_against_a_newer_cosigned_checkpoint(self):
        one = self.lines("tx", "submit")[0]
        self.salus("tx", "show", one["id"], "--receipt", self.path("r"))
        words = ("verify", "--receipt", self.path("r"), "--trust", self.trust())
        self.salus(*words, code=1)  # no witness has signed the receipt's own checkpoint
        self.salus("tx", "submit", "--count", "20")
        self.visit()
        made = self.answer(
            "log", "checkpoint", "--out", self.path("c"), "--receipt", self.path("r")
        )
        self.assertTrue(made["witnessed"])
        self.assertLess(made["proof_bytes"], 1_000)
        words += ("--checkpoint", self.path("c"))
        self.assertEqual(self.answer(*words)["id"], one["id"])
        proof = self.read("c.consistency")
        self.write("c.consistency", proof[:-1] + bytes([proof[-1] ^ 1]))
        self.salus(*words, code=1)
        os.remove(self.path("c.consistency"))
        err = self.salus(*words, code=1)[1]
        self.assertIn("consistency", err)
        self.assertTrue(
            self.answer(*words, "--consistency", self.write("p", proof))["ok"]
        )

    def test_a_forked_history_is_caught_and_the_memory_stays(self):
        self.salus("tx", "submit", "--count", "3")
        self.assertEqual(self.node.stop(), 0)
        fork = node.Node(self.directory, name="fork")
        self.addCleanup(self.stop_quietly, fork)
        shutil.copytree(self.node.data, fork.data)
        self.configure(fork, witnesses=[self.key])
        self.node.start()
        self.salus("tx", "submit", "--count", "4")
        self.visit()
        before = self.read("state")
        self.assertEqual(self.node.stop(), 0)

        fork.start()
        for count in ("1", "1", "30"):  # shorter than what was seen, then longer
            self.salus("tx", "submit", "--count", count, "--url", fork.url)
            out, err = self.visit(code=1, env={"SALUS_URL": fork.url})
            self.assertFalse(out["ok"])
            self.assertEqual(len(err.splitlines()), 1)
            self.assertEqual(self.read("state"), before)
        self.assertIn("does not continue", out["error"])
        # The forked node was shown what the witness had seen.
        with urllib.request.urlopen(fork.url + "/api/status") as answer:
            alarm = json.load(answer)["witness_alarm"]
        self.assertIn("forked", alarm)
        self.assertIn("alarm", self.salus("chain", "status", "--url", fork.url)[1])
        fork.stop()

        self.node.start()
        self.salus("tx", "submit")
        self.assertTrue(self.visit()[0]["ok"])

    def test_a_node_on_an_older_copy_of_its_data_does_not_start(self):
        self.salus("tx", "submit", "--count", "2")
        self.assertEqual(self.node.stop(), 0)
        old = node.Node(self.directory, name="old")
        shutil.copytree(self.node.data, old.data)
        self.node.start()
        self.salus("tx", "submit", "--count", "5")
        self.visit()
        note = self.write("note", self.get("/api/checkpoint/cosigned")[0])
        self.assertEqual(self.node.stop(), 0)

        good = self.answer("verify", "--data", self.node.data, "--checkpoint", note)
        self.assertTrue(good["ok"])
        out = self.salus("verify", "--data", old.data, "--checkpoint", note, code=1)[0]
        self.assertIn("shorter", json.loads(out)["first_bad"]["what"])
        self.assertTrue(self.answer("verify", "--data", old.data)["ok"])

        self.configure(old, witnesses=[self.key], witnessed_checkpoint=note)
        self.assertIn("older copy", self.refuses_to_start(old))
        self.configure(self.node, witnessed_checkpoint=note)
        self.node.start()
        self.assertEqual(self.node.stop(), 0)

        # The same, asked of the running witness.
        witness = subprocess.Popen(
            [
                os.path.join(node.BIN, "salus"),
                "witness",
                "--key",
                self.path("key"),
                "--state",
                self.path("state"),
                "--listen",
                "127.0.0.1:0",
                "--url",
                "http://localhost:1",
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        try:
            url = witness.stdout.readline().split()[1]
            with open(old.config, "w", encoding="utf-8") as file:
                json.dump(
                    {
                        "data_dir": old.data,
                        "listen": "127.0.0.1:0",
                        "witnesses": [self.key],
                        "witness_urls": [url],
                    },
                    file,
                )
            self.assertIn("older copy", self.refuses_to_start(old))
            self.configure(self.node, witness_urls=[url])
            self.node.start()
            self.submit_to(url)
        finally:
            witness.kill()
            witness.wait()
            witness.stdout.close()

    def submit_to(self, url):
        """C2SP add-checkpoint: the size that the witness has, then the proof from there."""
        self.salus("tx", "submit")
        note = self.get("/api/checkpoint")[0]

        def add(body):
            request = urllib.request.Request(url + "/add-checkpoint", data=body)
            try:
                with urllib.request.urlopen(request, timeout=30) as answer:
                    return answer.status, answer.read()
            except urllib.error.HTTPError as error:
                with error:
                    return error.code, error.read()

        code, size = add(b"old 0\n\n" + note)
        self.assertEqual(code, 409)
        self.assertEqual(add(b"old x\n\n" + note)[0], 400)
        size = int(size)
        new = int(note.split(b"\n")[1])
        proof = self.get("/api/consistency?from=%d&to=%d" % (size, new))[0]
        path = self.path_of(proof)
        lines = b"".join(base64.b64encode(one) + b"\n" for one in path)
        swapped = b"".join(base64.b64encode(one) + b"\n" for one in path[::-1] + path[:1])
        self.assertEqual(add(b"old %d\n%s\n" % (size, swapped) + note)[0], 422)
        code, line = add(b"old %d\n%s\n" % (size, lines) + note)
        self.assertEqual(code, 200)
        self.assertTrue(line.decode().startswith("\u2014 witness.example "))
        self.assertEqual(json.loads(self.get("/api/checkpoint/cosignature", note + line)[0]), {})

    @staticmethod
    def path_of(receipt):
        """The nodes of a consistency receipt: each is 0x58 0x20 and 32 bytes."""
        start = receipt.index(b"\x39\x01\x8b") if b"\x39\x01\x8b" in receipt else 0
        out, at = [], receipt.index(b"\x58\x20", receipt.index(b"\xa1\x19\x01\x8c", start))
        while receipt[at : at + 2] == b"\x58\x20":
            out.append(receipt[at + 2 : at + 34])
            at += 34
        return out

    def test_a_stranger_is_no_witness(self):
        self.salus("tx", "submit")
        words = (
            "witness",
            "--key",
            self.path("other"),
            "--name",
            "stranger",
            "--state",
            self.path("s2"),
        )
        out, _ = self.salus(*words, "--once", code=1)
        self.assertIn("knows", json.loads(out)["error"])
        self.assertEqual(self.refused("/api/checkpoint/cosignature", b"nonsense"), 400)
        self.assertEqual(self.refused("/api/checkpoint/cosigned"), 404)
        self.assertEqual(
            self.refused("/api/checkpoint/cosignature", self.get("/api/checkpoint")[0]), 403
        )

    def test_the_whole_log_is_mirrored_from_tiles(self):
        self.salus("tx", "submit", "--count", "600")
        note = self.get("/log/checkpoint")[0].decode()
        size, root = int(note.split("\n")[1]), note.split("\n")[2]
        self.assertGreater(size, 600)
        leaves = []
        for index in range((size + 255) // 256):
            width = min(256, size - index * 256)
            suffix = "" if width == 256 else ".p/%d" % width
            bundle, headers = self.get("/log/tile/entries/%s%s" % (index_path(index), suffix))
            self.assertEqual("immutable" in headers["Cache-Control"], width == 256)
            hashes = self.get("/log/tile/0/%s%s" % (index_path(index), suffix))[0]
            at, mine = 0, []
            while at < len(bundle):
                length = int.from_bytes(bundle[at : at + 2], "big")
                mine.append(sha(b"\0" + bundle[at + 2 : at + 2 + length]))
                self.assertLess(length, 200)  # ids and hashes, never a transaction
                at += 2 + length
            self.assertEqual(b"".join(mine), hashes)
            leaves += mine
        self.assertEqual(len(leaves), size)
        self.assertEqual(base64.b64encode(root_of(leaves)).decode(), root)
        above = self.get("/log/tile/1/000.p/%d" % (size // 256))[0]
        for i in range(size // 256):
            self.assertEqual(
                above[32 * i : 32 * i + 32], root_of(leaves[256 * i : 256 * i + 256])
            )
        for path in ("0/999", "0/000.p/256", "0/0", "2/000.p/1", "x/000", "entries/x001/000"):
            self.assertIn(self.refused("/log/tile/" + path), (400, 404))


if __name__ == "__main__":
    node.main()
