"""The tour's fourteen steps against a live node, on several tables."""

import base64
import hashlib
import hmac
import json
import os
import re
import urllib.request

import node


def from_base64url(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class DemoHome:
    """What a browser does with a demo link, as far as the node sees it."""

    def __init__(self, url, link):
        self.url = url
        key, _, self.name = link.rsplit("#demo=", 1)[1].partition(".")
        # HKDF-SHA256 with an empty salt and one block: docs/formats/key-derivation.md.
        inner = hmac.digest(b"\0" * 32, from_base64url(key), hashlib.sha256)
        auth = hmac.digest(inner, b"salus/v1/demo-auth" + b"\x01", hashlib.sha256)
        body = json.dumps(
            {
                "name": self.name,
                "auth_key": base64.urlsafe_b64encode(auth).rstrip(b"=").decode(),
            }
        )
        request = urllib.request.Request(
            url + "/api/demo/login", body.encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            self.cookie = answer.headers["Set-Cookie"].split(";")[0]
            self.session = json.load(answer)["session"]

    def get(self, path):
        headers = {"Cookie": self.cookie, "Salus-Home": self.session["home"]}
        request = urllib.request.Request(self.url + path, headers=headers)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)


class TourTest(node.NodeTest):
    demo = True

    def play(self, *words, code=0):
        out, _ = self.salus("tour", "--data-dir", self.node.data, *words, code=code)
        return out.splitlines()

    def write(self, name, text):
        path = os.path.join(self.directory, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def test_demo_rows_and_again_on_the_same_data(self):
        lines = self.play("--rows", "200")
        at = lines.index("tour: 14 steps, 14 ok")
        self.assertEqual(
            [line[:5] for line in lines[1:at]], ["%2d/14" % n for n in range(1, 15)]
        )
        links = lines[at + 1 :]
        self.assertEqual(len(links), 4)
        for link in links:
            self.assertRegex(
                link, r"^[A-Z].*: http://localhost:\d+/#demo=[A-Za-z0-9_-]{43}\.[a-z-]+$"
            )
        homes = " ".join(links)
        for home in ("Patient", "Clinician", "Privacy officer", "Data steward"):
            self.assertIn(home, homes)
        # The chart of a table with a gender column is by gender; the noise keeps means.
        self.assertRegex(lines[5], r"Female \d+")
        self.assertIn("means exact", lines[7])
        self.assertIn("consent-revoked", lines[12])
        self.check_homes([DemoHome(self.node.url, link) for link in links])
        again = self.play("--rows", "50")
        self.assertIn("tour: 14 steps, 14 ok", again)
        self.assertEqual(again[-4:], links)

    def check_homes(self, homes):
        patient, clinician, officer, steward = homes
        collections = patient.get("/api/collections")["collections"]
        self.assertEqual(sum(one["records"] for one in collections), 40)
        self.assertGreaterEqual(len(collections), 5)
        self.assertTrue(any(one["live"] for one in patient.get("/api/grants")["grants"]))
        others = [one for one in patient.get("/api/feed")["openings"] if not one["own"]]
        self.assertEqual(sum(one["explanation"] is not None for one in others), 1)
        shared = clinician.get("/api/shared")["shared"]
        self.assertEqual(sum(one["live"] for one in shared), 2)
        self.assertEqual([one["ended"] for one in shared if not one["live"]], ["revoked"])
        alerts = officer.get("/api/alerts?state=open")["alerts"]
        self.assertEqual([one["kind"] for one in alerts], ["unexplained", "unexplained"])
        stored = steward.get("/api/collections")["collections"]
        # A thousand demo rows less their repeats, and the data set's own record, twice.
        self.assertEqual(len(stored), 2)
        self.assertEqual(stored[0]["records"], stored[1]["records"])
        self.assertGreater(stored[0]["records"], 900)

    def test_a_table_without_header_names_or_gender(self):
        rows = "".join(
            "%d,%d,%s\n" % (40 + n % 30, 180 + n % 60, "?" if n % 9 == 0 else n % 3)
            for n in range(60)
        )
        path = self.write("heart.csv", rows)
        lines = self.play("--data", path, "--columns", "age,chol,cp")
        self.assertIn("tour: 14 steps, 14 ok", lines)
        self.assertIn("60 rows, 3 columns, 7 missing cells", lines[4])
        self.assertIn("No gender column", lines[5])

    def test_one_row(self):
        lines = self.play("--data", self.write("one.csv", "weight\n71.5\n"))
        self.assertIn("tour: 14 steps, 14 ok", lines)

    def test_a_table_that_is_none_fails_its_step_and_exits_1(self):
        lines = self.play("--data", self.write("bad.csv", "a,b\n1,2\n3\n"), code=1)
        self.assertTrue(any(re.match(r" 4/14  failed: ", line) for line in lines))
        self.assertRegex(
            lines[[i for i, l in enumerate(lines) if l.startswith("tour:")][0]],
            r"^tour: 14 steps, \d+ ok$",
        )


if __name__ == "__main__":
    node.main()
