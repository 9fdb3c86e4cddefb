"""Transactions, receipts and the offline check, as scripts use them."""

import json
import os
import shutil
import subprocess
import time

import node


class LedgerTest(node.NodeTest):
    def path(self, name):
        return os.path.join(self.directory, name)

    def trust(self):
        with open(self.path("trust"), "w", encoding="utf-8") as file:
            file.write(self.salus("log", "keys")[0])
        return self.path("trust")

    def test_submit_show_wait_receipt_verify(self):
        submitted = self.lines("tx", "submit", "--count", "40")
        self.assertEqual(len({one["id"] for one in submitted}), 40)
        last = submitted[-1]
        self.assertEqual(set(last), {"id", "height"})
        shown = self.answer("tx", "show", last["id"], "--receipt", self.path("r"))
        self.assertEqual(
            (shown["id"], shown["height"], shown["code"]), (last["id"], last["height"], 0)
        )
        self.assertEqual(self.answer("tx", "wait", last["id"])["position"], shown["position"])
        good = self.answer("verify", "--receipt", self.path("r"), "--trust", self.trust())
        self.assertTrue(good["ok"])
        self.assertEqual(
            (good["id"], good["height"], good["position"]),
            (last["id"], last["height"], shown["position"]),
        )
        block = self.answer("block", "show", str(last["height"]))
        self.assertEqual(len(block["header_hash"]), 64)
        tail = self.lines("log", "tail", "--last", "5")
        self.assertEqual(len(tail), 5)
        self.assertEqual(sorted(tail, key=lambda one: one["position"]), tail)
        self.assertEqual(
            set(tail[0]),
            {"id", "position", "height", "time", "contract", "method", "account", "code"},
        )
        status = self.answer("chain", "status")
        self.assertEqual(
            (status["engine"], status["members"], status["quorum"]), ("embedded", 1, 1)
        )

    def test_the_first_receipt_comes_at_once(self):
        self.salus("tx", "submit")  # the pages of the programs are in memory now
        env = {"PATH": os.environ["PATH"], "SALUS_URL": self.node.url}
        process = subprocess.Popen(
            [os.path.join(node.BIN, "salus"), "tx", "submit", "--count", "200"],
            stdout=subprocess.PIPE,
            text=True,
            env=env,
        )
        began = time.monotonic()
        process.stdout.readline()
        first = time.monotonic() - began
        rest = process.stdout.read().splitlines()
        self.assertEqual((process.wait(), len(rest)), (0, 199))
        process.stdout.close()
        self.assertLess(first, 2.0)

    def test_a_changed_missing_or_added_byte_of_a_receipt_is_refused(self):
        one = self.lines("tx", "submit")[0]
        self.salus("tx", "show", one["id"], "--receipt", self.path("r"))
        trust = self.trust()
        with open(self.path("r"), "rb") as file:
            whole = file.read()
        for changed in (
            whole[:-1],
            whole + b"\0",
            whole[:40] + bytes([whole[40] ^ 1]) + whole[41:],
            b"",
        ):
            with open(self.path("bad"), "wb") as file:
                file.write(changed)
            out, err = self.salus(
                "verify", "--receipt", self.path("bad"), "--trust", trust, code=1
            )
            self.assertFalse(json.loads(out)["ok"])
            self.assertEqual(len(err.splitlines()), 1)

    def test_the_data_of_a_stopped_node_verifies_and_a_flipped_byte_is_named(self):
        ids = [one["id"] for one in self.lines("tx", "submit", "--count", "30")]
        self.assertEqual(self.node.stop(), 0)
        good = self.answer("verify", "--data", self.node.data)
        self.assertTrue(good["ok"])
        self.assertEqual(
            (good["transactions"], good["first_bad"], good["torn_tail"]), (31, None, None)
        )
        tail = self.lines("log", "tail", "--last", "31", "--data", self.node.data)
        self.assertTrue({line["id"] for line in tail}.issuperset(ids))
        self.assertEqual(
            self.answer("block", "show", "1", "--data", self.node.data)["transactions"], 1
        )
        self.assertEqual(
            self.answer("tx", "show", ids[0], "--data", self.node.data)["id"], ids[0]
        )
        self.assertEqual(
            self.answer("chain", "status", "--data", self.node.data)["height"], good["height"]
        )
        copy = self.path("copy")
        shutil.copytree(self.node.data, copy)
        segment = os.path.join(copy, "ledger", "seg-00000000.log")
        with open(segment, "r+b") as file:
            file.seek(5_000)
            byte = file.read(1)
            file.seek(5_000)
            file.write(bytes([byte[0] ^ 0x10]))
        out, _ = self.salus("verify", "--data", copy, code=1)
        bad = json.loads(out)
        self.assertFalse(bad["ok"])
        self.assertEqual(bad["first_bad"]["file"], "seg-00000000.log")
        self.assertEqual(set(bad["first_bad"]), {"what", "file", "offset", "height"})

    def test_what_is_in_the_log_is_there_after_a_restart(self):
        one = self.lines("tx", "submit")[0]
        self.node.process.kill()
        self.node.process.wait()
        self.node.process.stdout.close()
        self.node.process = None
        self.node.start()
        self.assertEqual(self.answer("tx", "show", one["id"])["height"], one["height"])

    def test_exit_codes(self):
        self.salus("tx", "show", "00" * 32, code=1)
        self.salus("tx", "wait", "00" * 32, "--timeout", "0", code=1)
        for words in (
            (),
            ("nothing",),
            ("tx",),
            ("tx", "show"),
            ("tx", "submit", "--count", "x"),
            ("log", "tail", "--bogus"),
            ("verify",),
            ("block", "show", "-1"),
            ("dataset", "load"),
            ("user", "signup"),
            ("grant", "someone"),
        ):
            out, err = self.salus(*words, code=2)
            self.assertEqual(out, "")
            self.assertEqual(len(err.splitlines()), 1, err)
        self.salus("verify", "--data", self.path("none"), code=1)
        self.node.stop()
        self.salus("chain", "status", code=3)


class OneNodeTest(node.NodeTest):
    def test_a_second_node_on_the_same_data_or_port_is_refused(self):
        for other in (
            node.Node(self.directory, name="data"),
            node.Node(
                self.directory,
                name="other",
                listen="127.0.0.1:" + self.node.url.rsplit(":", 1)[1],
            ),
        ):
            process = subprocess.run(
                [os.path.join(node.BIN, "salusd"), "--config", other.config],
                capture_output=True,
                text=True,
                timeout=60,
            )
            self.assertNotEqual(process.returncode, 0)
            self.assertNotIn("ready", process.stdout)
            self.assertTrue(process.stderr.strip())
        self.assertTrue(self.answer("chain", "status")["engine"])

    def test_an_unknown_key_of_the_configuration_is_refused(self):
        path = os.path.join(self.directory, "bad.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(
                {"data_dir": os.path.join(self.directory, "x"), "lisen": "127.0.0.1:0"}, file
            )
        process = subprocess.run(
            [os.path.join(node.BIN, "salusd"), "--config", path],
            capture_output=True,
            timeout=60,
        )
        self.assertNotEqual(process.returncode, 0)

    def test_sigterm_ends_it_within_five_seconds(self):
        self.salus("tx", "submit", "--count", "20")
        began = time.monotonic()
        self.assertEqual(self.node.stop(), 0)
        self.assertLess(time.monotonic() - began, 5.0)


if __name__ == "__main__":
    node.main()
