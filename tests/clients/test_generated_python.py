"""Python clients generated from openapi.yaml read and send all its examples and call Recourse."""

import http.server
import json
import threading
import unittest
from urllib.parse import parse_qs

from document import Document, missing
from generated import FILE, DatamodelCodeGenerator, OpenApiGenerator, OpenApiPythonClient
from local_cloud import LocalCloud, chargeback

DOCUMENT = Document()


class Answering(http.server.ThreadingHTTPServer):
    """Answers every request with the value that a test has set, and stores the request."""

    class Handler(http.server.BaseHTTPRequestHandler):
        # Head and body in one packet.
        wbufsize = -1

        def answer(self):
            length = int(self.headers["Content-Length"] or 0)
            self.server.came = (self.command, self.headers, self.rfile.read(length))
            body = json.dumps(self.server.value).encode()
            self.send_response(self.server.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_PUT = do_POST = do_PATCH = do_DELETE = answer

        def log_message(self, *_):
            pass

    status, value, came = 200, {}, None

    def __init__(self):
        super().__init__(("127.0.0.1", 0), self.Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def stop(self):
        self.shutdown()
        self.server_close()


class Clients:
    """The tests of each generated client. `client` is the class that calls it."""

    @classmethod
    def setUpClass(cls):
        cls.server = Answering()
        cls.addClassCleanup(cls.server.stop)

    def caller(self):
        caller = self.client(self.server.url, "key", "secret")
        self.addCleanup(caller.close)
        return caller

    def sent(self, operation):
        """The body of a request of this operation, unless a test sends another."""
        return operation.requests[0].value if operation.requests else None

    def test_it_reads_every_example_of_an_answer(self):
        read, caller = 0, self.caller()
        for operation in DOCUMENT.operations:
            for example in operation.answers:
                with self.subTest(str(example)):
                    self.server.status, self.server.value = example.status, example.value
                    answer = caller.call(operation, self.sent(operation))
                    self.assertEqual(missing(example.value, answer), [])
                    read += 1
        self.assertGreater(read, 250)

    def test_it_sends_every_example_of_a_request(self):
        sent, caller = 0, self.caller()
        for operation in DOCUMENT.operations:
            answer = next(iter(operation.answers))
            for example in operation.requests:
                with self.subTest(str(example)):
                    self.server.status, self.server.value = answer.status, answer.value
                    caller.call(operation, example.value)
                    _, headers, body = self.server.came
                    self.assertEqual(headers.get_content_type(), example.media)
                    if example.media == "application/json":
                        self.assertEqual(missing(example.value, json.loads(body)), [])
                    else:
                        form = {name: value for name, (value,) in parse_qs(body.decode()).items()}
                        self.assertEqual(form, example.value)
                    sent += 1
        self.assertGreater(sent, 15)

    def test_it_sends_a_file(self):
        (operation,) = [one for one in DOCUMENT.operations if one.media == "multipart/form-data"]
        self.server.status, self.server.value = operation.answers[0].status, operation.answers[0].value
        self.caller().call(operation)
        _, headers, body = self.server.came
        self.assertEqual(headers.get_content_type(), "multipart/form-data")
        self.assertIn(FILE, body)
        self.assertIn(b'name="file"; filename="file.pdf"', body)


class OpenApiGeneratorClient(Clients, unittest.TestCase):
    client = OpenApiGenerator


class OpenApiPythonClientClient(Clients, unittest.TestCase):
    client = OpenApiPythonClient


class Models(unittest.TestCase):
    def test_datamodel_code_generators_models_read_every_example(self):
        models = DatamodelCodeGenerator()
        for operation in DOCUMENT.operations:
            for example in operation.requests + operation.answers:
                with self.subTest(str(example)):
                    self.assertEqual(missing(example.value, models.read(example)), [])


class Flow(unittest.TestCase):
    """The generated code alone gets a token, logs a dispute and reads it."""

    @classmethod
    def setUpClass(cls):
        cls.cloud = LocalCloud(more_transactions=[chargeback("generated-1"), chargeback("generated-2")])
        cls.addClassCleanup(cls.cloud.stop)

    def flow(self, client, reference):
        operations = {operation.id: operation for operation in DOCUMENT.operations}
        key = self.cloud.keys["fbn_demo"]
        signing_in = client(self.cloud.url, key.id, key.secret)
        self.addCleanup(signing_in.close)
        token = signing_in.call(
            operations["getToken"],
            {"grant_type": "password", "username": "Jideobi.Onuora", "password": "demo-password-of-jideobi"},
        )
        self.assertEqual((token["token_type"], token["expires_in"]), ("bearer", 900))
        bank = client(self.cloud.url, token=token["access_token"])
        self.addCleanup(bank.close)
        request = {
            "transactionType": "BillPayment", "transactionReference": reference, "disputeAmountType": "PARTIAL",
            "disputeAmount": "1000", "reasonCode": "AP", "category": "Chargeback", "comment": "Logged by a client",
        }
        logged = bank.call(operations["logDispute"], request)
        self.assertEqual((logged["disputeAmount"], logged["status"]), ("NGN 1,000.00", "Chargeback"))
        page = bank.call(operations["findDisputes"])
        self.assertIn(logged["logCode"], [dispute["logCode"] for dispute in page["content"]])
        code = logged["logCode"]
        found = bank.call(operations["getLoggedDispute"].of(logCode=code))
        self.assertEqual((found["logCode"], found["journal"][0]["addedBy"]), (code, "Jideobi.Onuora@FBN"))
        again = bank.call(operations["logDispute"], request)
        self.assertEqual(again["code"], "duplicate")

    def test_openapi_generators_client_works(self):
        self.flow(OpenApiGenerator, "generated-1")

    def test_openapi_python_clients_client_works(self):
        self.flow(OpenApiPythonClient, "generated-2")


if __name__ == "__main__":
    unittest.main()
