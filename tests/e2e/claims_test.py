"""A row goes to its patient by a one-time code; a laboratory adds without reading."""

import json
import os

import node

PASSWORD = {"SALUS_PASSWORD": "a long enough password"}
TABLE = "name,dose\nAda,10\nBen,20\nCleo,30\n"


class ClaimsTest(node.NodeTest):
    def as_user(self, user, *words, **options):
        return self.salus(*words, "--user", user, env=PASSWORD, **options)

    def json_as(self, user, *words):
        return json.loads(self.as_user(user, *words)[0])

    def lines_as(self, user, *words):
        return [json.loads(line) for line in self.as_user(user, *words)[0].splitlines()]

    def hospital(self, role, name):
        code = self.answer("user", "setup", "--token", self.node.token(),
                           "--organisation", "St. Mary")
        self.salus("user", "join", "--name", "olga", "--display-name", "Olga", "--invitation",
                   code["officer_invitation"], env=PASSWORD)
        invited = self.json_as("olga", "user", "invite", "--role", role, "--display-name", name)
        self.salus("user", "join", "--name", role, "--display-name", name, "--invitation",
                   invited["code"], env=PASSWORD)
        for patient in ("maria", "zoe"):
            self.salus("user", "signup", "--name", patient, env=PASSWORD)

    def test_a_row_is_claimed_once_and_leaves_its_steward(self):
        self.hospital("steward", "Jonas")
        table = os.path.join(self.directory, "ward.csv")
        with open(table, "w", encoding="utf-8") as file:
            file.write(TABLE)
        stored = self.json_as("steward", "dataset", "store", table, "--unprocessed")
        collection = stored["collection"]
        first = self.json_as("steward", "dataset", "offer", collection, "--row", "2", "--json")
        code = self.as_user("steward", "dataset", "offer", first["record"])[0].strip()
        self.assertEqual([len(group) for group in code.split("-")], [3] * 9)
        _, err = self.as_user("maria", "record", "claim", first["code"], code=1)
        self.assertIn("no record waits under this code", err)
        _, err = self.as_user("steward", "record", "claim", code, code=1)
        self.assertIn("your own already", err)
        _, err = self.as_user("maria", "record", "claim", "ABC-DEF", code=1)
        self.assertIn("malformed", err)

        claimed = self.json_as("maria", "record", "claim", code)
        self.assertEqual(claimed["body"]["cells"]["name"], "Ben")
        self.assertEqual(self.json_as("maria", "record", "show", claimed["record"])["row"], 2)
        _, err = self.as_user("zoe", "record", "claim", code, code=1)
        self.assertIn("used already", err)
        self.as_user("steward", "record", "show", first["record"], code=1)
        left = self.lines_as("steward", "record", "list", "--collection", collection)
        self.assertNotIn(first["record"], [row["record"] for row in left])
        _, err = self.as_user("steward", "dataset", "offer", collection, "--row", "2", code=1)
        self.assertIn("no such row", err)

    def test_a_laboratory_adds_and_reads_only_its_own(self):
        self.hospital("laboratory", "Northgate Laboratory")
        self.as_user("maria", "record", "add", "--category", "laboratory",
                     "--name", "Blood results", "--text", "private")
        own = self.lines_as("maria", "record", "list")[0]
        _, err = self.as_user("maria", "grant", "Northgate", "--category", "laboratory", code=1)
        self.assertIn("say --laboratory", err)
        granted = self.json_as("maria", "grant", "Northgate", "--category", "laboratory",
                               "--laboratory")
        self.assertIn("may add to my Blood results", granted["sentence"])
        self.assertTrue(granted["sentence"].endswith("may not read my records."))
        self.as_user("laboratory", "record", "add", "--to", own["collection"], "--text", "HbA1c 41")
        written = self.lines_as("laboratory", "record", "list", "--written")
        self.assertEqual(len(written), 1)
        for reader in ("laboratory", "maria"):
            shown = self.json_as(reader, "record", "show", written[0]["record"])
            self.assertEqual(shown["text"], "HbA1c 41")
        _, err = self.as_user("laboratory", "record", "show", own["record"], "--directive",
                              granted["directive"], code=1)
        self.assertIn("consent-none", err)
        self.as_user("maria", "revoke", granted["directive"])
        _, err = self.as_user("laboratory", "record", "add", "--to", own["collection"],
                              "--text", "late", code=1)
        self.assertIn("does not let you add", err)

    def test_the_right_to_add_makes_the_collection_that_is_missing(self):
        self.hospital("laboratory", "Northgate Laboratory")
        granted = self.json_as("maria", "grant", "Northgate", "--category", "laboratory",
                               "--name", "Blood results", "--laboratory")
        self.assertIn("may add to my Blood results", granted["sentence"])
        collections = self.lines_as("maria", "record", "list")
        self.assertEqual(collections, [])
        shown = self.json_as("maria", "grant", "Northgate", "--category", "laboratory",
                             "--laboratory")
        self.assertIn("may add to my Blood results", shown["sentence"])


if __name__ == "__main__":
    node.main()
