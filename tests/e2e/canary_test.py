"""What people write must be found nowhere on the server: not in a file, not in the log."""

import base64
import json
import os

import node

# Strange enough to be found, and long enough to hold a whole group of base64 wherever it begins.
CANARIES = {
    "record": "zebrafinch-8817-quartz",
    "title": "marmalade-0042-cobalt",
    "cell": "ocelotgarnet7731plum",
    "column": "peregrineopal5520kiwi",
    "data set": "wolverine-topaz-9094",
    "collection": "salamander-jade-6612",
    "password": "hummingbird-onyx-3307",
}


def forms(text):
    """The ways in which a text may lie in a file."""
    raw = text.encode()
    out = {
        raw,
        raw.hex().encode(),
        raw.hex().upper().encode(),
        text.encode("utf-16-le"),
        raw[::-1],
    }
    for shift in range(3):
        # A base64 of neighbours holds these characters, whatever they are.
        whole = base64.b64encode(b"\0" * shift + raw)
        inner = whole[4 if shift else 0 : (len(whole) // 4 - 1) * 4]
        out.add(inner)
        out.add(inner.replace(b"+", b"-").replace(b"/", b"_"))
    return out


class CanaryTest(node.NodeTest):
    def files(self):
        yield self.node.log
        for directory, _, names in os.walk(self.node.data):
            for name in names:
                yield os.path.join(directory, name)

    def found(self, needles):
        """Files that hold one of these byte strings. Blocks of zeros are passed over."""
        out = []
        for path in self.files():
            with open(path, "rb") as file:
                rest = b""
                while block := file.read(1 << 20):
                    if block.strip(b"\0"):
                        text = rest + block
                        if any(needle in text for needle in needles):
                            out.append(os.path.relpath(path, self.directory))
                            break
                    rest = block[-256:]
        return out

    def test_no_word_reaches_the_server(self):
        secret = {"SALUS_PASSWORD": CANARIES["password"]}
        code = self.answer(
            "user", "setup", "--token", self.node.token(), "--organisation", "Hospital"
        )["officer_invitation"]
        self.salus(
            "user",
            "join",
            "--name",
            "officer1",
            "--display-name",
            "O",
            "--invitation",
            code,
            env=secret,
        )
        self.salus(
            "user", "signup", "--name", "findme.patient", "--display-name", "P", env=secret
        )
        self.salus(
            "record",
            "add",
            "--user",
            "findme.patient",
            "--text",
            CANARIES["record"],
            "--title",
            CANARIES["title"],
            "--name",
            CANARIES["collection"],
            env=secret,
        )
        table = os.path.join(self.directory, "table.csv")
        with open(table, "w", encoding="utf-8") as file:
            file.write("%s,value\n" % CANARIES["column"])
            for n in range(40):
                file.write("%s,%d\n" % (CANARIES["cell"] if n % 2 else "other", n))
        self.salus(
            "dataset",
            "store",
            table,
            "--release",
            "--name",
            CANARIES["data set"],
            "--user",
            "findme.patient",
            env=secret,
        )
        row = self.lines("record", "list", "--user", "findme.patient", env=secret)[0]
        shown = json.loads(
            self.salus("record", "show", row["record"], "--user", "findme.patient", env=secret)[
                0
            ]
        )
        self.assertIsInstance(shown, dict)
        self.salus(
            "user",
            "whoami",
            "--user",
            "findme.patient",
            code=1,
            env={"SALUS_PASSWORD": CANARIES["password"] + "x"},
        )
        self.assertEqual(self.node.stop(), 0)
        # The search works: what the home organisation does keep in the clear is found.
        self.assertTrue(self.found({b"findme.patient"}))
        for what, canary in CANARIES.items():
            self.assertEqual(self.found(forms(canary)), [], "a %s lies on the server" % what)

    def test_an_error_repeats_no_word_of_its_input(self):
        table = os.path.join(self.directory, CANARIES["record"] + ".csv")
        with open(table, "w", encoding="utf-8") as file:
            file.write("a,b\n1,%s\n2\n" % CANARIES["cell"])
        _, err = self.salus("dataset", "load", table, code=1)
        self.assertNotIn(CANARIES["cell"], err)
        self.assertLessEqual(len(err), 4096)
        _, err = self.salus("dataset", "load", table + CANARIES["title"], code=1)
        self.assertNotIn(CANARIES["title"], err)


if __name__ == "__main__":
    node.main()
