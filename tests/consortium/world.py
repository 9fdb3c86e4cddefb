"""Four members on this machine, each with its engine, for tests of several members."""

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
import urllib.request

BIN = os.environ["SALUS_BIN"]
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PATIENCE_S = 90
MEMBERS = range(4)


def free_ports():
    """A first port such that the ports of four members are free now."""
    for port in range(21_000, 31_000, 50):
        try:
            for member in MEMBERS:
                for offset in (0, 1):
                    with socket.socket() as one:
                        one.bind(("127.0.0.1", port + 10 * member + offset))
            return port
        except OSError:
            continue
    raise AssertionError("no free ports")


def main():
    if subprocess.run([os.path.join(ROOT, "tools", "cometbft.sh"), "--find"],
                      capture_output=True).returncode != 0:
        print("skipped: there is no cometbft here; tools/cometbft.sh gets it")
        sys.exit(77)
    unittest.main(verbosity=2)


class Consortium(unittest.TestCase):
    """A directory, four configurations, and four processes that are ended with the test."""

    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="salus-members-")
        self.addCleanup(shutil.rmtree, self.directory, True)
        self.port = free_ports()
        self.nodes = [None] * 4
        self.addCleanup(self.stop_all)
        self.salus("chain", "init", "--local", "4", "--out", self.directory, "--port",
                   str(self.port))
        self.prepare()
        for member in MEMBERS:
            self.start(member)

    def prepare(self):
        """What is done between the configurations and the first start."""

    def salus(self, *words):
        done = subprocess.run([os.path.join(BIN, "salus"), *words], capture_output=True, text=True,
                              timeout=PATIENCE_S)
        self.assertEqual(done.returncode, 0, done.stderr[-500:])
        return [json.loads(line) for line in done.stdout.splitlines()]

    def url(self, member):
        return "http://localhost:%d" % (self.port + 10 * member)

    def get(self, member, path):
        with urllib.request.urlopen(self.url(member) + path, timeout=10) as answer:
            return json.load(answer)

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
                process.send_signal(signal.SIGCONT)
                self.end(member, signal.SIGKILL)

    def engine(self, member):
        """The process of a member's engine: the child of its salusd."""
        parent = str(self.nodes[member].pid)
        for name in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open("/proc/%s/stat" % name) as stat:
                    fields = stat.read().rsplit(")", 1)[1].split()
            except OSError:
                continue
            if fields[1] == parent:
                return int(name)
        self.fail("member %d has no engine" % member)

    def standing(self, member):
        status = self.salus("chain", "status", "--url", self.url(member))[0]
        return status["height"], status["app_hash"], status["transactions"]

    def until_all_agree(self, at_least):
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            standings = {self.standing(member) for member in MEMBERS}
            if len(standings) == 1 and next(iter(standings))[2] >= at_least:
                return
            time.sleep(0.1)
        self.fail("the members do not come together: %s" % standings)
