"""A patient's verbs over real programs: keep, share, stop, see who looked, take it home."""

import json
import os

import node

PASSWORD = {"SALUS_PASSWORD": "a long enough password"}


class PeopleTest(node.NodeTest):
    def as_user(self, user, *words, **options):
        return self.salus(*words, "--user", user, env=PASSWORD, **options)

    def json_as(self, user, *words):
        return json.loads(self.as_user(user, *words)[0])

    def hospital(self):
        code = self.answer(
            "user", "setup", "--token", self.node.token(), "--organisation", "St. Mary"
        )
        self.salus(
            "user",
            "join",
            "--name",
            "olga",
            "--display-name",
            "Olga",
            "--invitation",
            code["officer_invitation"],
            env=PASSWORD,
        )
        invited = self.json_as(
            "olga", "user", "invite", "--role", "clinician", "--display-name", "Dr. Okafor"
        )
        self.salus(
            "user",
            "join",
            "--name",
            "okafor",
            "--display-name",
            "Dr. Okafor",
            "--invitation",
            invited["code"],
            env=PASSWORD,
        )

    def test_share_open_revoke_refused(self):
        self.hospital()
        made = self.json_as_signup("maria")
        self.as_user("maria", "record", "add", "--category", "notes", "--text", "first")
        self.as_user("maria", "record", "add", "--category", "vitals", "--text", "second")
        granted = self.json_as("maria", "grant", "Okafor", "--category", "notes", "--days", "7")
        self.assertIn("Dr. Okafor may open my notes for treatment", granted["sentence"])
        records = {
            row["category"]: row["record"]
            for row in map(json.loads, self.as_user("maria", "record", "list")[0].splitlines())
        }
        opened = self.as_user(
            "okafor", "record", "show", records["notes"], "--directive", granted["directive"]
        )[0]
        self.assertEqual(json.loads(opened)["text"], "first")
        _, err = self.as_user(
            "okafor",
            "record",
            "show",
            records["vitals"],
            "--directive",
            granted["directive"],
            code=1,
        )
        self.assertIn("consent-none", err)
        self.as_user("maria", "revoke", granted["directive"])
        _, err = self.as_user(
            "okafor",
            "record",
            "show",
            records["notes"],
            "--directive",
            granted["directive"],
            code=1,
        )
        self.assertIn("consent-revoked", err)
        # The patient still opens her own records, old and new, after the keys were changed.
        self.as_user("maria", "record", "add", "--category", "notes", "--text", "third")
        target = os.path.join(self.directory, "export.ndjson")
        self.assertEqual(self.json_as("maria", "export", target)["records"], 3)
        with open(target, encoding="utf-8") as file:
            texts = {json.loads(line)["body"]["text"] for line in file}
        self.assertEqual(texts, {"first", "second", "third"})
        self.assertEqual(os.stat(target).st_mode & 0o777, 0o600)
        feed = [json.loads(line) for line in self.as_user("maria", "feed")[0].splitlines()]
        others = [one for one in feed if not one["own"]]
        self.assertEqual(sorted(one["decision"] for one in others), ["deny", "deny", "permit"])
        self.assertEqual(len(made["recovery_code"].split("-")), 9)

    def test_one_record_is_shared_alone(self):
        self.hospital()
        self.json_as_signup("maria")
        for text in ("first", "second"):
            self.as_user("maria", "record", "add", "--category", "notes", "--text", text)
        first, second = (
            json.loads(row)["record"]
            for row in self.as_user("maria", "record", "list")[0].splitlines()
        )
        granted = self.json_as("maria", "grant", "Okafor", "--record", first)
        self.assertIn("may open my single record", granted["sentence"])
        with_it = ("--directive", granted["directive"])
        shown = self.json_as("okafor", "record", "show", first, *with_it)
        self.assertIn(shown["text"], ("first", "second"))
        _, err = self.as_user("okafor", "record", "show", second, *with_it, code=1)
        self.assertIn("consent-none", err)
        self.as_user("maria", "revoke", granted["directive"])
        _, err = self.as_user("okafor", "record", "show", first, *with_it, code=1)
        self.assertIn("consent-revoked", err)

    def json_as_signup(self, name):
        return json.loads(self.salus("user", "signup", "--name", name, env=PASSWORD)[0])

    def test_keyring_and_session_are_the_owners_alone(self):
        self.json_as_signup("maria")
        home = os.path.join(self.directory, "home")
        for name in os.listdir(home):
            self.assertEqual(os.stat(os.path.join(home, name)).st_mode & 0o777, 0o600, name)
        _, err = self.salus(
            "user",
            "whoami",
            "--user",
            "maria",
            env={"SALUS_PASSWORD": "another password"},
            code=1,
        )
        self.assertIn("authentication", err)
        self.as_user("maria", "user", "logout")
        # Without a session the second factor is asked for again.
        self.as_user("maria", "user", "whoami", code=1)

    def test_a_staff_account_needs_an_invitation_that_works_once(self):
        self.hospital()
        self.salus(
            "user", "join", "--name", "eve", "--invitation", "AAAA-BBBB", env=PASSWORD, code=1
        )
        self.json_as_signup("maria")
        _, err = self.as_user(
            "maria", "user", "invite", "--role", "officer", "--display-name", "Eve", code=1
        )
        self.assertIn("denied", err)


if __name__ == "__main__":
    node.main()
