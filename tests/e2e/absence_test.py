"""Had no access on that day: a proof from a node, checked away from it, and changed bytes."""

import datetime
import json
import os
import time

import node

PASSWORD = {"SALUS_PASSWORD": "a long enough password"}
BEYOND_MS = 60_500  # an anchor must lie a minute behind the time in question


def now_ms():
    return int(time.time() * 1000)


class AbsenceTest(node.NodeTest):
    def as_user(self, user, *words, **options):
        return self.salus(*words, "--user", user, env=PASSWORD, **options)

    def json_as(self, user, *words):
        return json.loads(self.as_user(user, *words)[0])

    def path(self, name):
        return os.path.join(self.directory, name)

    def join(self, name, invitation):
        words = ("--name", name, "--display-name", name, "--invitation", invitation)
        return json.loads(self.salus("user", "join", *words, env=PASSWORD)[0])["account"]

    def people(self):
        """A house with a doctor, and a patient with one note."""
        setup = ("--token", self.node.token(), "--organisation", "St. Mary")
        self.join("olga", self.answer("user", "setup", *setup)["officer_invitation"])
        invited = ("user", "invite", "--role", "clinician", "--display-name", "okafor")
        self.doctor = self.join("okafor", self.json_as("olga", *invited)["code"])
        self.salus("user", "signup", "--name", "maria", env=PASSWORD)
        self.as_user("maria", "record", "add", "--category", "notes", "--text", "first")
        self.record = json.loads(self.as_user("maria", "record", "list")[0])["record"]
        with open(self.path("trust"), "w", encoding="utf-8") as file:
            file.write(self.salus("log", "keys")[0])

    def anchor(self):
        """An opening of her own leaves a receipt, and the next anchor has the time of now."""
        self.as_user("maria", "record", "show", self.record)
        time.sleep(2)

    def prove(self, *when, permitted, opened=False):
        """What the command says, and what a checker elsewhere says of its file."""
        code = 1 if permitted or opened else 0
        words = ("absence", "--grantee", self.doctor, *when, "--out", self.path("proof"))
        made = json.loads(self.as_user("maria", *words, code=code)[0])["absence"]
        told = self.verify("proof", code)["absence"]
        self.assertEqual(told, made)
        self.assertEqual(told["not_permitted"], not permitted)
        self.assertEqual(told["not_opened"], not opened)
        self.assertIn("was permitted" if permitted else "was not permitted", told["permission"])
        start = "an anchored opening" if opened else "no anchored opening"
        self.assertTrue(told["opening"].startswith(start), told["opening"])
        return told

    def verify(self, name, code):
        words = ("verify", "--receipt", self.path(name), "--trust", self.path("trust"))
        return json.loads(self.salus(*words, code=code, url=False)[0])

    def test_permitted_and_revoked(self):
        self.people()
        before = now_ms()
        granted = self.json_as("maria", "grant", "okafor", "--category", "notes")["directive"]
        permitted = now_ms()
        with_it = ("--directive", granted)
        self.as_user("okafor", "record", "show", self.record, *with_it)
        opened = now_ms()
        time.sleep(0.1)
        still = now_ms()
        self.as_user("maria", "revoke", granted)
        after = now_ms() + 1
        over = after + 50
        # The days before are over and anchored as soon as there is an anchor.
        self.anchor()
        day = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=2)
        told = self.prove("--date", day.strftime("%Y-%m-%d"), permitted=False)
        self.assertEqual(len(told["names"]), 1)
        self.any_changed_byte_is_refused()
        early = ("absence", "--grantee", self.doctor, "--from", str(after), "--until", str(over))
        _, err = self.as_user("maria", *early, "--out", self.path("no"), code=1)
        self.assertIn("anchor", err)

        time.sleep(max(0, over + BEYOND_MS - now_ms()) / 1000)
        self.anchor()

        def between(start, end, **expected):
            return self.prove("--from", str(start), "--until", str(end), **expected)

        between(before - 1000, before, permitted=False)
        between(permitted, permitted + 1, permitted=True)
        between(permitted, opened, permitted=True, opened=True)
        between(still, still + 1, permitted=True)
        told = between(after, over, permitted=False)
        # The person, the house, and the role there.
        self.assertEqual([one["role"] for one in told["names"]], ["", "", "clinician"])
        self.assertFalse(any(one["permitted"] for one in told["names"]))
        self.any_changed_byte_is_refused()

    def any_changed_byte_is_refused(self):
        with open(self.path("proof"), "rb") as file:
            whole = file.read()
        for at in list(range(0, len(whole), max(1, len(whole) // 24))) + [len(whole) - 1]:
            changed = bytearray(whole)
            changed[at] ^= 1
            with open(self.path("changed"), "wb") as file:
                file.write(changed)
            self.assertFalse(self.verify("changed", 1)["ok"])


if __name__ == "__main__":
    node.main()
