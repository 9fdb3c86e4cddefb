"""Starts real nodes and runs the real command for the end-to-end tests."""

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

BIN = os.environ.get("SALUS_BIN", "build/release/bin")


class Node:
    """A salusd on a free port; the data directory stays until the test ends."""

    def __init__(self, directory, demo=False, listen="127.0.0.1:0", name="data"):
        self.data = os.path.join(directory, name)
        self.log = os.path.join(directory, name + ".log")
        self.config = os.path.join(directory, name + ".json")
        config = {"data_dir": self.data, "listen": listen}
        if demo:
            config["demo"] = True
        with open(self.config, "w", encoding="utf-8") as file:
            json.dump(config, file)
        self.process = None
        self.url = None

    def start(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [os.path.join(BIN, "salusd"), "--config", self.config],
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        for line in self.process.stdout:
            if line.startswith("ready "):
                self.url = line.split()[1]
                return self
        raise AssertionError(
            "salusd ended with code %d before it was ready" % self.process.wait()
        )

    def token(self):
        with open(os.path.join(self.data, "setup-token"), encoding="utf-8") as file:
            return file.read()

    def stop(self):
        """SIGTERM; the exit code."""
        if self.process is None:
            return 0
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=20)
        self.process.stdout.close()
        self.process = None
        return code


class NodeTest(unittest.TestCase):
    demo = False

    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="salus-e2e-")
        self.addCleanup(shutil.rmtree, self.directory, True)
        self.node = Node(self.directory, demo=self.demo)
        self.addCleanup(self.stop_quietly, self.node)
        self.node.start()

    @staticmethod
    def stop_quietly(node):
        if node.process is not None:
            node.process.kill()
            node.process.wait()
            node.process.stdout.close()

    def salus(self, *words, code=0, env=None, stdin=None, url=True):
        """Runs the command and checks its exit code; gives its stdout and stderr."""
        surroundings = {
            "PATH": os.environ["PATH"],
            "SALUS_HOME": os.path.join(self.directory, "home"),
        }
        if url:
            surroundings["SALUS_URL"] = self.node.url
        surroundings.update(env or {})
        done = subprocess.run(
            [os.path.join(BIN, "salus"), *words],
            capture_output=True,
            text=True,
            env=surroundings,
            input=stdin,
            timeout=150,
        )
        self.assertEqual(
            done.returncode,
            code,
            "salus %s: %s%s" % (words[:2], done.stdout[-2000:], done.stderr[-2000:]),
        )
        return done.stdout, done.stderr

    def answer(self, *words, **options):
        """The one JSON object that a command prints."""
        return json.loads(self.salus(*words, **options)[0])

    def lines(self, *words, **options):
        return [json.loads(line) for line in self.salus(*words, **options)[0].splitlines()]


def wait_until(what, seconds=10):
    """Polls until `what()` is true."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if what():
            return True
        time.sleep(0.05)
    return False


def main():
    unittest.main(verbosity=2)
