"""Deliveries of the local cloud, verified by the published libraries, and the receivers of the guide."""

import http.server
import json
import os
import re
import shutil
import socket
import subprocess
import threading
import time
import unittest

import standardwebhooks
import svix.webhooks

from local_cloud import ROOT, LocalCloud

GUIDE = (ROOT / "docs/webhooks.md").read_text()
PATIENCE = 60


def block(language):
    """The code of the guide in this language."""
    (code,) = re.findall(rf"```{language}\n(.*?)```", GUIDE, re.DOTALL)
    return code


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class Webhooks(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cloud = LocalCloud()
        cls.addClassCleanup(cls.cloud.stop)

    def recourse(self, *arguments):
        program = [ROOT / "target/debug/recourse", *arguments]
        environment = {"PATH": os.environ["PATH"], "USER": "tester", **self.cloud.environment}
        return subprocess.run(program, env=environment, cwd=ROOT / "target", check=True, capture_output=True, text=True).stdout

    def add(self, account, port):
        lines = self.recourse("webhook", "add", account, f"http://127.0.0.1:{port}/").splitlines()
        values = dict(line.split("=", 1) for line in lines)
        return values["WEBHOOK_ID"], values["WEBHOOK_SECRET"]

    def dispute(self):
        """Opens a dispute about a new transaction, and has an operator decide it."""
        told = json.loads(self.recourse("demo", "transaction", "--json"))
        refid = told["refid"]
        self.recourse("report", "--refid", refid, "--email", "user@example.com")
        self.recourse("dispute", "close", "--refid", refid, "--account", "acct_demo", "--for", "customer", "--why", "a test")

    def test_the_published_libraries_verify_deliveries(self):
        requests = []

        class Receiver(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"])).decode()
                headers = {name.lower(): value for name, value in self.headers.items()}
                requests.append({"headers": headers, "body": body})
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        hook, secret = self.add("acct_platform", server.server_address[1])
        self.recourse("webhook", "test", hook)
        self.dispute()
        deadline = time.monotonic() + PATIENCE
        while not any("settled_by_dispute" in request["body"] for request in requests):
            self.assertLess(time.monotonic(), deadline, requests)
            time.sleep(0.1)
        for library in (standardwebhooks.Webhook, svix.webhooks.Webhook):
            for request in requests:
                library(secret).verify(request["body"], request["headers"])
                with self.assertRaises(standardwebhooks.WebhookVerificationError):
                    library(secret).verify(request["body"] + " ", request["headers"])
        told = json.dumps({"secret": secret, "requests": requests})
        node = [shutil.which("node"), ROOT / "tests/clients/webhooks_node.js"]
        done = subprocess.run(node, input=told, capture_output=True, text=True, timeout=PATIENCE)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))

        newer = dict(line.split("=", 1) for line in self.recourse("webhook", "rotate", hook).splitlines())["WEBHOOK_SECRET"]
        requests.clear()
        self.recourse("webhook", "test", hook)
        for either in (secret, newer):
            standardwebhooks.Webhook(either).verify(requests[0]["body"], requests[0]["headers"])
        self.recourse("webhook", "disable", hook)

    def receives(self, program):
        """Runs a receiver of the guide while a dispute is opened and decided: the events that it prints."""
        port = free_port()
        hook, secret = self.add("acct_demo", port)
        environment = {**os.environ, "WEBHOOK_SECRET": secret, "PORT": str(port)}
        receiver = subprocess.Popen(program, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            while True:
                with socket.socket() as open_port:
                    if open_port.connect_ex(("127.0.0.1", port)) == 0:
                        break
                self.assertIsNone(receiver.poll(), "the receiver ended")
                time.sleep(0.05)
            self.dispute()
            lines, timer = [], threading.Timer(PATIENCE, receiver.kill)
            timer.start()
            for line in receiver.stdout:
                lines.append(line.split())
                if "transaction.settled_by_dispute" in line:
                    break
            timer.cancel()
        finally:
            receiver.kill()
            receiver.wait()
            receiver.stdout.close()
            self.recourse("webhook", "disable", hook)
        sequences = [int(sequence) for sequence, _ in lines]
        self.assertEqual(sequences, sorted(set(sequences)))
        events = [event.strip('"') for _, event in lines]
        self.assertEqual(events[0], "dispute.opened")
        self.assertIn("dispute.decided", events)
        self.assertEqual(events[-1], "transaction.settled_by_dispute")

    def test_the_receiver_in_python(self):
        import sys

        self.receives([sys.executable, "-c", block("python")])

    def test_the_receiver_in_node(self):
        self.receives([shutil.which("node"), "-e", block("js")])

    def test_the_receiver_in_rust(self):
        whole = (ROOT / "local/examples/webhook_receiver.rs").read_text()
        shown = whole.split("// The guide has these lines.\n")[1].split("// Until here.\n")[0]
        self.assertEqual(block("rust"), shown)
        self.receives([ROOT / "target/debug/examples/webhook_receiver"])


if __name__ == "__main__":
    unittest.main()
