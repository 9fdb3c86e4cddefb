"""Four members with an engine each: what one took the others have, also one that was killed.

Skipped (77) where no cometbft can be had: tools/cometbft.sh gets it.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

BIN = os.environ["SALUS_BIN"]
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PATIENCE_S = 90


def free_ports():
    """A first port such that the ports of four members are free now."""
    for port in range(21_000, 31_000, 50):
        try:
            for member in range(4):
                for offset in (0, 1):
                    with socket.socket() as one:
                        one.bind(("127.0.0.1", port + 10 * member + offset))
            return port
        except OSError:
            continue
    raise AssertionError("no free ports")


class FourMembers(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="salus-four-")
        self.addCleanup(shutil.rmtree, self.directory, True)
        self.port = free_ports()
        self.nodes = [None] * 4
        self.addCleanup(self.stop_all)
        self.salus("chain", "init", "--local", "4", "--out", self.directory, "--port",
                   str(self.port))
        for member in range(4):
            self.start(member)

    def salus(self, *words):
        done = subprocess.run([os.path.join(BIN, "salus"), *words], capture_output=True, text=True,
                              timeout=PATIENCE_S)
        self.assertEqual(done.returncode, 0, done.stderr[-500:])
        return [json.loads(line) for line in done.stdout.splitlines()]

    def url(self, member):
        return "http://localhost:%d" % (self.port + 10 * member)

    def start(self, member):
        config = os.path.join(self.directory, "node%d" % member, "salusd.json")
        with open(config + ".log", "ab") as log:
            self.nodes[member] = subprocess.Popen(
                [os.path.join(BIN, "salusd"), "--config", config], stdout=subprocess.PIPE,
                stderr=log, text=True)
        for line in self.nodes[member].stdout:
            if line.startswith("ready "):
                return
        self.fail("member %d did not start" % member)

    def end(self, member, how):
        process = self.nodes[member]
        process.send_signal(how)
        process.wait(timeout=PATIENCE_S)
        process.stdout.close()
        self.nodes[member] = None

    def stop_all(self):
        for member, process in enumerate(self.nodes):
            if process:
                self.end(member, signal.SIGKILL)

    def submit(self, member, count):
        return [one["id"] for one in self.salus("tx", "submit", "--count", str(count), "--url",
                                                self.url(member))]

    def standing(self, member):
        status = self.salus("chain", "status", "--url", self.url(member))[0]
        return status["height"], status["app_hash"], status["transactions"]

    def until_all_agree(self, at_least):
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            standings = {self.standing(member) for member in range(4)}
            if len(standings) == 1 and next(iter(standings))[2] >= at_least:
                return
            time.sleep(0.1)
        self.fail("the members do not come together: %s" % standings)

    def test_what_one_took_all_have_and_a_killed_member_catches_up(self):
        self.assertEqual(self.salus("chain", "status", "--url", self.url(0))[0]["engine"],
                         "cometbft")
        ids = self.submit(0, 50)
        self.until_all_agree(50)
        self.end(1, signal.SIGKILL)
        ids += self.submit(2, 50)
        self.start(1)
        self.until_all_agree(len(ids))
        for one in ids:
            shown = self.salus("tx", "show", one, "--url", self.url(1))[0]
            self.assertEqual(shown["id"], one)
        for member in range(4):
            self.end(member, signal.SIGTERM)
            data = os.path.join(self.directory, "node%d" % member, "data")
            self.assertTrue(self.salus("verify", "--data", data, "--json")[0]["ok"])


if __name__ == "__main__":
    if subprocess.run([os.path.join(ROOT, "tools", "cometbft.sh"), "--find"],
                      capture_output=True).returncode != 0:
        print("skipped: there is no cometbft here; tools/cometbft.sh gets it")
        sys.exit(77)
    unittest.main(verbosity=2)
