"""Losing password and device: a new machine, the code on paper, and the records are there."""

import json
import os

import node

OLD = {"SALUS_PASSWORD": "a long enough password"}
NEW = "quite another password"
ANOTHER = "CAI-REE-YUC-ULB-OGA-ZDI-NRY-HI6-D4E"


class RecoveryTest(node.NodeTest):
    def test_a_lost_password_and_device_cost_no_record(self):
        made = self.answer("user", "signup", "--name", "maria", env=OLD)
        self.salus(
            "record", "add", "--category", "notes", "--text", "kept", "--user", "maria", env=OLD
        )
        fresh = {"SALUS_HOME": os.path.join(self.directory, "another-machine")}
        wrong = dict(fresh, SALUS_PASSWORD=NEW, SALUS_RECOVERY_CODE=ANOTHER)
        _, wrong_code = self.salus("recover", "--name", "maria", env=wrong, code=1)
        _, nobody = self.salus("recover", "--name", "nobody", env=wrong, code=1)
        self.assertEqual(wrong_code, nobody)

        sheet = os.path.join(self.directory, "sheet")
        with open(sheet, "w", encoding="utf-8") as file:
            file.write(made["recovery_code"].lower().replace("-", " ") + "\n")
        given = dict(fresh, SALUS_PASSWORD=NEW)
        back = self.answer("recover", "--name", "maria", "--recovery-file", sheet, env=given)
        self.assertEqual(back["account"], made["account"])
        self.assertNotEqual(back["recovery_code"], made["recovery_code"])
        self.assertNotEqual(back["totp_secret"], made["totp_secret"])
        keyring = os.path.join(fresh["SALUS_HOME"], "maria.keyring")
        self.assertEqual(os.stat(keyring).st_mode & 0o777, 0o600)

        rows = self.lines("record", "list", env=given)
        self.assertEqual([row["category"] for row in rows], ["notes"])
        shown = self.answer("record", "show", rows[0]["record"], env=given)
        self.assertEqual(shown["text"], "kept")
        _, told = self.salus("user", "whoami", env=given)
        self.assertIn("your account came back by its recovery code", told)

        # The old machine's session is over and its password opens nothing at the node.
        self.salus("user", "whoami", "--user", "maria", env=OLD, code=1)
        # The code was spent.
        self.salus("recover", "--name", "maria", "--recovery-file", sheet, env=given, code=1)

    def test_slots_are_listed_and_a_new_code_replaces_the_old(self):
        made = self.answer("user", "signup", "--name", "maria", "--no-second-factor", env=OLD)
        slots = self.lines("user", "slots", env=OLD)
        self.assertEqual(sorted(slot["type"] for slot in slots), ["password", "recovery"])
        renewed = self.answer("user", "recovery-code", env=OLD)
        given = {"SALUS_PASSWORD": NEW, "SALUS_HOME": os.path.join(self.directory, "other")}
        old = dict(given, SALUS_RECOVERY_CODE=made["recovery_code"])
        self.salus("recover", "--name", "maria", env=old, code=1)
        new = dict(given, SALUS_RECOVERY_CODE=renewed["recovery_code"])
        self.assertIsNone(self.answer("recover", "--name", "maria", env=new)["totp_secret"])
        self.salus("recover", "--name", "maria", code=2, env={"SALUS_PASSWORD": NEW})

    def test_a_password_is_the_same_however_it_is_spelled(self):
        composed = {"SALUS_PASSWORD": "Gr\u00fc\u00dfe aus K\u00f6ln, \u00bd Meter"}
        spelled = {"SALUS_PASSWORD": "Gru\u0308\u00dfe aus Ko\u0308ln, 1\u20442 Meter"}
        self.salus("user", "signup", "--name", "maria", "--no-second-factor", env=composed)
        self.salus("user", "logout", env=spelled)
        self.salus("user", "login", "--name", "maria", env=dict(spelled, SALUS_CODE=""))


if __name__ == "__main__":
    node.main()
