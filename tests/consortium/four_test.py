"""Four members with an engine each: what one took the others have, also one that was killed.

Skipped (77) where no cometbft can be had: tools/cometbft.sh gets it.
"""

import os
import signal
import subprocess
import time

from world import BIN, PATIENCE_S, Consortium, main


class FourMembers(Consortium):
    def submit(self, member, count):
        return [one["id"] for one in self.salus("tx", "submit", "--count", str(count), "--url",
                                                self.url(member))]

    def receipts_are_final(self, one):
        """More than two thirds of the members signed what each of them gives."""
        trust = os.path.join(self.directory, "trust")
        receipt = os.path.join(self.directory, "receipt")
        for member in range(4):
            keys = subprocess.run([os.path.join(BIN, "salus"), "log", "keys", "--url",
                                   self.url(member)], capture_output=True, text=True, check=True)
            self.assertEqual(len(keys.stdout.split()), 4)
            with open(trust, "w") as out:
                out.write(keys.stdout)
            end = time.monotonic() + PATIENCE_S
            while True:
                self.salus("tx", "show", one, "--receipt", receipt, "--url", self.url(member))
                done = subprocess.run([os.path.join(BIN, "salus"), "verify", "--receipt", receipt,
                                       "--trust", trust, "--json"], capture_output=True, text=True)
                if done.returncode == 0:
                    break
                if time.monotonic() > end:
                    self.fail("member %d: %s" % (member, done.stderr[-300:]))
                time.sleep(0.2)

    def test_what_one_took_all_have_and_a_killed_member_catches_up(self):
        self.assertEqual(self.salus("chain", "status", "--url", self.url(0))[0]["engine"],
                         "cometbft")
        ids = self.submit(0, 50)
        self.until_all_agree(50)
        self.receipts_are_final(ids[-1])
        self.end(1, signal.SIGKILL)
        ids += self.submit(2, 50)
        self.start(1)
        self.until_all_agree(len(ids))
        for one in ids:
            shown = self.salus("tx", "show", one, "--url", self.url(1))[0]
            self.assertEqual(shown["id"], one)
        for member in range(4):
            self.end(member, signal.SIGTERM)
            data = os.path.join(self.directory, "node%d" % member, "data")
            self.assertTrue(self.salus("verify", "--data", data, "--json")[0]["ok"])


if __name__ == "__main__":
    main()
