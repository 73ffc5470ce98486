"""A local cloud for tests: the processes of `make run`, on free ports, with data in memory."""

import json
import os
import pathlib
import shlex
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]


def chargeback(reference):
    """A BillPayment with this reference between FBN and GTB, for tests of the Arbiter API."""
    return {
        "trxid": reference, "account": "acct_demo", "refid": reference, "status": "Succesful", "kind": "bill",
        "amount": "1550.00", "currency": "NGN", "occurred_at": "2026-01-17T02:00:00Z", "updated_at": "2026-01-17T02:00:03Z",
        "parties": {
            "issuer": {"code": "FBN", "name": "FIRST BANK OF NIGERIA"},
            "acquirer": {"code": "GTB", "name": "GUARANTY TRUST BANK"},
        },
        "details": {"type": "BillPayment", "reference": reference},
    }


class Key:
    """A key of an account, with the account's merchant id at the Connect API."""

    def __init__(self, account, key):
        self.merchant, self.id, self.secret = account["merchant_id"], key["id"], key["secret"]


class LocalCloud:
    """Starts with `demo.json` and what a test adds to it. `stop` ends it."""

    def __init__(self, more_accounts=(), more_transactions=()):
        demo = json.loads((ROOT / "local/demo.json").read_text())
        demo["accounts"] += more_accounts
        demo["transactions"] += more_transactions
        self.keys = {key["id"]: Key(account, key) for account in demo["accounts"] for key in account["keys"]}
        self._folder = tempfile.TemporaryDirectory()
        folder = pathlib.Path(self._folder.name)
        (folder / "local").mkdir()
        (folder / "local/demo.json").write_text(json.dumps(demo))
        for name in ("template.yaml", "openapi.yaml"):
            (folder / name).symlink_to(ROOT / name)
        binaries = ROOT / "target/debug"
        program = [binaries / "recourse-local", "--root", folder, "--binaries", binaries / "together", "--port", "0"]
        environment = {name: value for name, value in os.environ.items() if name not in ("PORT", "DATA")}
        self._log = open(folder / "log", "wb")
        self._process = subprocess.Popen(program, stdout=subprocess.PIPE, stderr=self._log, env=environment, text=True)
        greeting = ""
        while "Ctrl-C stops it." not in greeting:
            line = self._process.stdout.readline()
            if not line:
                self._log.flush()
                raise RuntimeError("the local cloud did not start: " + greeting + (folder / "log").read_text())
            greeting += line
        exports = shlex.split((folder / ".recourse.env").read_text())
        self.environment = dict(word.split("=", 1) for word in exports if word != "export")
        self.url = self.environment["RECOURSE_URL"]

    def stop(self):
        self._process.terminate()
        self._process.wait(timeout=30)
        self._process.stdout.close()
        self._log.close()
        self._folder.cleanup()
