"""What befalls members, and what is true afterwards; a checker of the history decides.

After each fault: no acknowledged transaction is lost, every member gives it the same place and
outcome, there is one header for each height, and all members take transactions again. By default
the cases that are short; SALUS_CONSORTIUM=all runs every one. SALUS_SEED repeats a network.
"""

import http.client
import json
import os
import random
import signal
import socket
import subprocess
import threading
import time

from proxy import Network
from world import BIN, MEMBERS, PATIENCE_S, Consortium, main

EVERY = os.environ.get("SALUS_CONSORTIUM") == "all"
SEED = int(os.environ.get("SALUS_SEED", random.SystemRandom().randrange(1 << 32)))


class Writer:
    """Submits from an account of its own, and remembers what was acknowledged."""

    def __init__(self, url, count):
        self.acknowledged = []
        self.process = subprocess.Popen(
            [os.path.join(BIN, "salus"), "tx", "submit", "--count", str(count), "--url", url],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.thread = threading.Thread(target=self.read)
        self.thread.start()

    def read(self):
        for line in self.process.stdout:
            self.acknowledged.append(json.loads(line))

    def wait(self):
        code = self.process.wait(timeout=PATIENCE_S)
        self.thread.join()
        self.process.stdout.close()
        return code


class Faults(Consortium):
    def prepare(self):
        print("seed %d" % SEED, flush=True)
        self.network = Network([self.port + 10 * member + 1 for member in MEMBERS], SEED)
        self.addCleanup(self.network.close)
        self.writers = []
        for one in MEMBERS:
            path = os.path.join(self.directory, "node%d" % one, "data", "cometbft", "config",
                                "config.toml")
            with open(path) as file:
                text = file.read()
            for other in MEMBERS:
                if other != one:
                    text = text.replace("@127.0.0.1:%d" % (self.port + 10 * other + 1),
                                        "@127.0.0.1:%d" % self.network.line(one, other))
            with open(path, "w") as file:
                file.write(text)

    def write(self, member, count):
        self.writers.append(Writer(self.url(member), count))
        return self.writers[-1]

    def acknowledged(self):
        return [one for writer in self.writers for one in writer.acknowledged]

    def check(self):
        """The laws of a history, asked of every member's own doors."""
        for member in MEMBERS:
            self.assertEqual(self.write(member, 5).wait(), 0, "member %d takes nothing" % member)
        self.until_all_agree(len(self.acknowledged()))
        for one in self.acknowledged():
            places = {tuple(self.get(member, "/api/tx/" + one["id"])[key]
                            for key in ("height", "position", "code", "header_hash"))
                      for member in MEMBERS}
            self.assertEqual(len(places), 1, "one transaction, two places: %s" % places)
            self.assertEqual(next(iter(places))[0], one["height"])
        chains = []
        for member in MEMBERS:
            blocks = self.get(member, "/api/blocks?count=200")["blocks"]
            chains.append([(b["height"], b["header_hash"], b["state_root"]) for b in blocks])
            for before, after in zip(blocks, blocks[1:]):
                self.assertEqual(after["previous"], before["header_hash"])
        self.assertTrue(all(chain == chains[0] for chain in chains), "two headers at one height")

    def test_a_member_dies_and_rises(self):
        """Its application, its engine, and both: the others go on meanwhile."""
        beside = self.write(1, 40)
        at_it = self.write(0, 400)
        time.sleep(0.5)
        os.kill(self.engine(0), signal.SIGKILL)
        self.assertEqual(beside.wait(), 0)
        self.assertEqual(at_it.wait(), 0, "what waited in the outbox was not brought")
        self.end(0, signal.SIGKILL)
        self.assertEqual(self.write(2, 20).wait(), 0)
        self.start(0)
        self.check()
        if EVERY:
            engine = self.engine(3)
            self.end(3, signal.SIGKILL)
            try:
                os.kill(engine, signal.SIGKILL)
            except ProcessLookupError:
                pass
            self.assertEqual(self.write(1, 200).wait(), 0)
            self.start(3)
            self.check()

    def test_a_member_is_cut_off_then_two_are(self):
        self.network.part({3})
        self.assertEqual(self.write(0, 20).wait(), 0)
        self.network.heal()
        self.check()
        # Without a quorum nothing is written, and everything is read.
        known = self.acknowledged()[0]["id"]
        self.network.part({2, 3})
        waiting = self.write(0, 5)
        time.sleep(3)
        self.assertEqual(waiting.acknowledged, [], "a block without a quorum")
        for member in MEMBERS:
            self.assertEqual(self.get(member, "/api/tx/" + known)["id"], known)
        self.network.heal()
        self.assertEqual(waiting.wait(), 0)
        self.check()

    def test_a_member_is_paused(self):
        if not EVERY:
            return
        engine = self.engine(2)
        for process in (engine, self.nodes[2].pid):
            os.kill(process, signal.SIGSTOP)
        self.assertEqual(self.write(0, 30).wait(), 0)
        for process in (self.nodes[2].pid, engine):
            os.kill(process, signal.SIGCONT)
        self.check()

    def test_garbage_is_refused_at_the_door(self):
        codes = []
        for bytes_hex in ("00", "a101824101420203", "d28443a10126a0", "ff" * 1_000):
            codes.append(self.offer(1, bytes.fromhex(bytes_hex)))
        self.assertTrue(all(code != 0 for code in codes), codes)
        self.check()

    def offer(self, member, data):
        """To the engine directly, as one of its own would."""
        connection = http.client.HTTPConnection("localhost")
        connection.sock = socket.socket(socket.AF_UNIX)
        here = os.getcwd()
        os.chdir(os.path.join(self.directory, "node%d" % member, "data", "cometbft"))
        try:
            connection.sock.connect("rpc.sock")
        finally:
            os.chdir(here)
        connection.request("GET", "/broadcast_tx_sync?tx=0x" + data.hex())
        answer = json.load(connection.getresponse())
        connection.close()
        return answer["result"]["code"]


if __name__ == "__main__":
    main()
