"""kill -9 at every numbered point of every write path, under load: docs/crash-points.md.

What was acknowledged is there afterwards and verifies; what was not is absent or whole; the node
serves. Every eighth point is taken, others each day; SALUS_CRASH_ALL=1 takes them all (several
minutes), SALUS_CRASH_ROUNDS=N repeats the run under load N times, each at another count, and
SALUS_CRASH_TABLE=FILE writes the table of the documentation.
"""

import json
import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
import unittest
import urllib.error
import urllib.request

import node

PASSWORD = "a long enough password"
ROUNDS = int(os.environ.get("SALUS_CRASH_ROUNDS", "1"))
EVERY = 1 if os.environ.get("SALUS_CRASH_ALL") else 8
TODAY = int(time.time()) // 86_400
SMALL_SEGMENTS = str(512 * 1024)


def chosen(points):
    """The points of this run: a stride through the list that begins elsewhere each day."""
    return [point for number, point in enumerate(points) if (number + TODAY) % EVERY == 0]



# The first start of a node: keys, genesis, an empty view, the link for setting up.
FIRST_START = [
    "keys.make.after", "keys.write.half", "keys.write.after", "keys.sync.after",
    "keys.rename.after", "keys.make.after:2", "keys.write.half:2", "keys.rename.after:2",
    "ledger.make.after", "ledger.grow.after", "ledger.write.half", "ledger.write.after",
    "ledger.sync.after", "ledger.list.before", "ledger.list.after", "ledger.write.before:2",
    "ledger.write.half:2", "ledger.write.after:2", "ledger.sync.after:2", "view.write.before",
    "view.write.after", "setup-token.write.half", "setup-token.rename.after",
]
# The first use of a vault: its first files.
FIRST_USE = [
    ("open", "access.make.after"), ("open", "access.grow.after"), ("open", "access.list.after"),
    ("add", "bodies.make.after"), ("add", "bodies.grow.after"), ("add", "bodies.list.after"),
]
# Under load, and what brings a node there besides transactions.
UNDER_LOAD = [
    ("tx", "ledger.write.before:40"), ("tx", "ledger.write.half:30"),
    ("tx", "ledger.write.after:50"), ("tx", "ledger.sync.after:60"),
    ("tx", "view.write.before:35"), ("tx", "view.write.after:45"),
    ("tx", "index.write.before:25"), ("tx", "index.write.half:55"), ("tx", "index.write.after:65"),
    ("tx", "checkpoint.make.after"), ("tx", "checkpoint.write.half"),
    ("tx", "checkpoint.write.after"), ("tx", "checkpoint.sync.after"),
    ("tx", "checkpoint.rename.before"), ("tx", "checkpoint.rename.after"),
    ("tx", "ledger.make.after"), ("tx", "ledger.grow.after"), ("tx", "ledger.list.before"),
    ("tx", "ledger.list.after"), ("stop", "log-tree.write.half"),
    ("open", "access.write.before:2"), ("open", "access.write.half:2"),
    ("open", "access.write.after:2"), ("open", "access.sync.after:2"),
    ("add", "bodies.write.before"), ("add", "bodies.write.half"), ("add", "bodies.write.after"),
    ("add", "bodies.sync.after"), ("add", "vault-db.write.before:2"),
    ("add", "vault-db.write.after:2"), ("add", "vault-index.write.before:30"),
    ("add", "vault-index.write.after:30"),
    ("large", "body.make.after"), ("large", "body.write.half"), ("large", "body.write.after"),
    ("large", "body.sync.after"), ("large", "body.rename.before"), ("large", "body.rename.after"),
    ("claim", "erasures.make.after"), ("claim", "erasures.write.half"),
    ("claim", "erasures.sync.after"), ("claim", "erasures.rename.before"),
    ("claim", "erasures.rename.after"), ("claim", "erasures.remove.before"),
    ("claim", "erasures.remove.after"), ("claim", "body.remove.before"),
    ("claim", "body.remove.after"), ("claim", "vault-db.compact.before"),
    ("claim", "vault-db.compact.after"), ("revoke", "ledger.sync.after:9"),
    ("revoke", "vault-db.write.after:1"),
]


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class World:
    """A data directory, a home of keys, and what was promised about them."""

    def __init__(self, directory):
        self.directory = directory
        self.home = os.path.join(directory, "home")
        self.node = node.Node(directory, listen="127.0.0.1:%d" % free_port())
        self.acknowledged = set()  # ids of transactions
        self.looked_up = set()  # those of them that were found after an earlier kill
        self.texts = {}  # record -> its text
        self.openings = 0
        self.revoked = []  # (record, directive)
        self.gone = set()  # records that somebody else took over

    def start(self, point=None):
        """Whether it became ready; it may end at its point before that."""
        env = dict(os.environ, SALUS_INSECURE_FOR_TESTS_SEGMENT_BYTES=SMALL_SEGMENTS)
        if point:
            env["SALUS_INSECURE_FOR_TESTS_CRASH_AT"] = point
        with open(self.node.log, "ab") as log:
            self.node.process = subprocess.Popen(
                [os.path.join(node.BIN, "salusd"), "--config", self.node.config],
                stdout=subprocess.PIPE, stderr=log, text=True, env=env)
        for line in self.node.process.stdout:
            if line.startswith("ready "):
                self.node.url = line.split()[1]
                return True
        return False

    def end(self):
        """The exit code of a process that has ended or is ending."""
        code = self.node.process.wait(timeout=60)
        self.node.process.stdout.close()
        self.node.process = None
        return code

    def run(self, *words, user=None, url=True):
        surroundings = {"PATH": os.environ["PATH"], "SALUS_HOME": self.home,
                        "SALUS_PASSWORD": PASSWORD}
        if url:
            surroundings["SALUS_URL"] = self.node.url
        if user:
            words += ("--user", user)
        return subprocess.run([os.path.join(node.BIN, "salus"), *words], capture_output=True,
                              text=True, env=surroundings, timeout=150)

    def answer(self, *words, **options):
        done = self.run(*words, **options)
        if "one-time code refused" in done.stderr:
            # The dead process took this half minute's code, and its answer went with it.
            time.sleep(31)
            done = self.run(*words, **options)
        if done.returncode != 0:
            raise AssertionError("salus %s: %s" % (words, done.stderr[-500:]))
        return [json.loads(line) for line in done.stdout.splitlines()]

    def knows(self, transaction):
        try:
            with urllib.request.urlopen(self.node.url + "/api/tx/" + transaction) as answer:
                return json.load(answer)["id"] == transaction
        except urllib.error.HTTPError:
            return False

    def verify(self):
        """`salus verify --data` on what lies there, as the dead process left it."""
        done = self.run("verify", "--data", self.node.data, url=False)
        report = json.loads(done.stdout)
        if done.returncode != 0 or not report["ok"]:
            raise AssertionError("verify: %s %s" % (done.stdout, done.stderr))
        return report


class Load:
    """Transactions from a process of their own, and one kind of work beside them."""

    def __init__(self, world):
        self.world = world
        self.process = subprocess.Popen(
            [os.path.join(node.BIN, "salus"), "tx", "submit", "--count", "1000000"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            env={"PATH": os.environ["PATH"], "SALUS_URL": world.node.url})
        self.ids = []
        self.reader = threading.Thread(target=self.read)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            self.ids.append(json.loads(line)["id"])

    def finish(self):
        if self.process.poll() is None and self.world.node.process.poll() is None:
            self.process.kill()
        self.process.wait(timeout=60)
        self.reader.join()
        self.process.stdout.close()
        return self.ids


class CrashTest(unittest.TestCase):
    table = []

    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="salus-crash-")
        self.addCleanup(shutil.rmtree, self.directory, True)
        self.worlds = []
        self.addCleanup(self.end_all)
        self.texts_made = 0

    def end_all(self):
        for world in self.worlds:
            node.NodeTest.stop_quietly(world.node)

    def world(self, name, like=None):
        directory = os.path.join(self.directory, name)
        if like:
            shutil.copytree(like, directory)
        else:
            os.mkdir(directory)
        world = World(directory)
        self.worlds.append(world)
        return world

    def note(self, point, during, acknowledged, report, seconds):
        torn = report["torn_tail"]
        line = "| %s | %s | %d, all there | height %d%s, verifies | %.2f s |" % (
            point, during, acknowledged, report["height"],
            ", %d torn bytes" % torn if torn else "", seconds)
        print(line, flush=True)
        self.table.append(line)

    # First start ---------------------------------------------------------------------------------

    def test_a_first_start_that_is_cut_anywhere_is_begun_again(self):
        for number, point in enumerate(chosen(FIRST_START)):
            with self.subTest(point=point):
                world = self.world("first%d" % number)
                self.assertFalse(world.start(point), "not reached")
                self.assertEqual(world.end(), -9)
                began = time.monotonic()
                self.assertTrue(world.start())
                seconds = time.monotonic() - began
                ids = [one["id"] for one in world.answer("tx", "submit", "--count", "3")]
                self.assertTrue(all(world.knows(one) for one in ids))
                world.node.process.kill()
                world.end()
                self.note(point, "first start", len(ids), world.verify(), seconds)
                shutil.rmtree(world.directory, True)

    # Under load ----------------------------------------------------------------------------------

    def prepare(self, world):
        """A hospital with a doctor, two patients, and a record that is shared."""
        self.assertTrue(world.start())
        with open(os.path.join(world.node.data, "setup-token"), encoding="utf-8") as file:
            token = file.read()
        officer = world.answer("user", "setup", "--token", token, "--organisation", "St. Mary")[0]
        world.answer("user", "join", "--name", "olga", "--display-name", "Olga", "--invitation",
                     officer["officer_invitation"])
        invited = world.answer("user", "invite", "--role", "clinician", "--display-name",
                               "Dr. Okafor", user="olga")[0]
        world.answer("user", "join", "--name", "okafor", "--display-name", "Dr. Okafor",
                     "--invitation", invited["code"])
        for patient in ("maria", "zoe"):
            world.answer("user", "signup", "--name", patient)
        self.assertEqual(world.node.stop(), 0)

    def add(self, world, large=False):
        """Adds a record, and remembers it when the node said that it is stored."""
        self.texts_made += 1
        text = "note %d" % self.texts_made
        words = ["--text", text]
        if large:
            path = os.path.join(world.directory, "large.json")
            with open(path, "w", encoding="utf-8") as file:
                json.dump({"type": "note", "title": "scan", "text": text + "x" * 1_200_000}, file)
            words = ["--file", path]
        done = world.run("record", "add", "--category", "notes", *words, user="maria")
        if done.returncode == 0:
            world.acknowledged.add(json.loads(done.stdout)["id"])
        return done.returncode == 0

    def listed(self, world, user="maria"):
        return [one["record"] for one in world.answer("record", "list", user=user)
                if one["status"] == 1]

    def work(self, world, kind, aim):
        """One piece of work of this kind. What the node acknowledged is remembered."""
        if kind in ("add", "large"):
            self.add(world, kind == "large")
        elif kind == "open":
            done = world.run("record", "show", aim["record"], user="maria")
            world.openings += done.returncode == 0
        elif kind == "claim":
            offered = world.run("dataset", "offer", aim["large"], user="maria")
            if offered.returncode == 0:
                claimed = world.run("record", "claim", offered.stdout.strip(), user="zoe")
                if claimed.returncode == 0:
                    world.gone.add(aim["large"])
        elif kind == "revoke":
            done = world.run("revoke", aim["directive"], user="maria")
            if done.returncode == 0:
                world.revoked.append((aim["record"], aim["directive"]))
        elif kind == "stop":
            time.sleep(0.3)
            world.node.process.terminate()
        else:
            time.sleep(0.05)

    def aim(self, world, kind):
        """What the work is done to; made while nothing is armed."""
        aim = {}
        if kind in ("open", "revoke"):
            aim["record"] = self.listed(world)[0]
        if kind == "revoke":
            aim["directive"] = world.answer("grant", "Okafor", "--category", "notes", "--days",
                                            "7", user="maria")[0]["directive"]
        if kind == "claim":
            before = set(self.listed(world))
            self.assertTrue(self.add(world, large=True))
            aim["large"] = (set(self.listed(world)) - before).pop()
        return aim

    def until_it_dies(self, world, kind, aim, seconds=90):
        load = Load(world)
        end = time.monotonic() + seconds
        while world.node.process.poll() is None and time.monotonic() < end:
            self.work(world, kind, aim)
            if kind == "claim" and aim["large"] in world.gone:
                time.sleep(0.3)
                try:
                    aim = self.aim(world, kind)
                except AssertionError:
                    # It may die while the next piece of work is prepared.
                    if world.node.process.poll() is None:
                        raise
        died = world.node.process.poll() is not None
        if not died:
            world.node.process.kill()
        world.acknowledged.update(load.finish())
        return died

    def check(self, world):
        """Everything acknowledged is there, and everything that is there is whole."""
        missing = [one for one in world.acknowledged - world.looked_up if not world.knows(one)]
        self.assertEqual(missing, [])
        world.looked_up |= world.acknowledged
        if world.acknowledged:
            one = next(iter(world.acknowledged))
            self.assertEqual(world.answer("tx", "show", one)[0]["id"], one)
        # Opens every record that is listed: a half-stored one could not be opened.
        target = os.path.join(world.directory, "export")
        world.answer("export", target, user="maria")
        world.openings += bool(self.listed(world))
        self.assertGreaterEqual(
            len(world.answer("feed", "--last", "200", user="maria")), min(world.openings, 200))
        listed = set(self.listed(world))
        self.assertFalse(world.gone & listed)
        for record, directive in world.revoked[-1:]:
            refused = world.run("record", "show", record, "--directive", directive, user="okafor")
            self.assertEqual(refused.returncode, 1, refused.stdout)

    def crash_once(self, world, kind, point):
        try:
            self.crash_and_check(world, kind, point)
        finally:
            node.NodeTest.stop_quietly(world.node)
            world.node.process = None

    def crash_and_check(self, world, kind, point):
        aim = {}
        if kind in ("open", "revoke", "claim"):
            self.assertTrue(world.start())
            aim = self.aim(world, kind)
            world.node.process.kill()
            world.end()
        # The process that is to die starts where the one before was killed, too.
        before = len(world.acknowledged)
        ready = world.start(point)
        died = self.until_it_dies(world, kind, aim) if ready else True
        self.assertEqual(world.end(), -9)
        self.assertTrue(died, "not reached")
        report = world.verify()
        began = time.monotonic()
        self.assertTrue(world.start())
        seconds = time.monotonic() - began
        self.check(world)
        self.note(point, kind if ready else "start", len(world.acknowledged) - before, report,
                  seconds)

    def test_what_was_acknowledged_survives_a_kill_at_every_point(self):
        template = self.world("template")
        self.prepare(template)
        for number, (kind, point) in enumerate(chosen(FIRST_USE)):
            with self.subTest(point=point):
                world = self.world("use%d" % number, template.directory)
                if kind == "open":
                    self.assertTrue(world.start())
                    self.assertTrue(self.add(world))
                    self.assertEqual(world.node.stop(), 0)
                self.crash_once(world, kind, point)
                shutil.rmtree(world.directory, True)
        world = self.world("load", template.directory)
        self.assertTrue(world.start())
        self.assertTrue(self.add(world))
        world.node.process.kill()
        world.end()
        for turn in range(ROUNDS):
            for kind, point in chosen(UNDER_LOAD):
                name, _, count = point.partition(":")
                if turn > 0:
                    point = "%s:%d" % (name, int(count or 1) + turn)
                with self.subTest(point=point):
                    self.crash_once(world, kind, point)

    @classmethod
    def tearDownClass(cls):
        lines = ["| point | during | acknowledged | after the kill | serves again after |",
                 "|---|---|---|---|---|"]
        lines += cls.table
        if "SALUS_CRASH_TABLE" in os.environ:
            with open(os.environ["SALUS_CRASH_TABLE"], "w", encoding="utf-8") as file:
                file.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    node.main()
