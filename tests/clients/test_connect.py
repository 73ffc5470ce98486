"""The official Python SDK of the Connect API's vendor, unpatched, against the local cloud.

The whole flow, and every kind of rejection. The vendor's error 1409, a key in progress, never
occurs: the answer is stored in the same write as what it answers.
"""

import json
import os
import re
import subprocess
import unittest
import urllib.request
from email.utils import formatdate
from urllib.parse import quote, urlparse

from worldline.connect.sdk.authentication.v1hmac_authenticator import V1HMACAuthenticator
from worldline.connect.sdk.call_context import CallContext
from worldline.connect.sdk.communication.request_header import RequestHeader
from worldline.connect.sdk.communication.response_header import get_disposition_filename
from worldline.connect.sdk.communicator_configuration import CommunicatorConfiguration
from worldline.connect.sdk.domain.uploadable_file import UploadableFile
from worldline.connect.sdk.factory import Factory
from worldline.connect.sdk.v1.authorization_exception import AuthorizationException
from worldline.connect.sdk.v1.domain.amount_of_money import AmountOfMoney
from worldline.connect.sdk.v1.domain.create_dispute_request import CreateDisputeRequest
from worldline.connect.sdk.v1.merchant.disputes.upload_file_request import UploadFileRequest
from worldline.connect.sdk.v1.platform_exception import PlatformException
from worldline.connect.sdk.v1.reference_exception import ReferenceException
from worldline.connect.sdk.v1.validation_exception import ValidationException

import evidence
from local_cloud import LocalCloud

# The SDK's HTTP library would send requests to loopback through a proxy.
os.environ["NO_PROXY"] = "127.0.0.1"

SAMPLE = json.loads("""{
  "id": "162", "paymentId": "000000852800000014110000100001",
  "disputeOutput": {
    "creationDetails": {"disputeCreationDate": "20180702020752", "disputeOriginator": "Merchant / Ingenico", "userName": ""},
    "contactPerson": "Wile Coyote", "emailAddress": "wile.e.coyote@acmelabs.com", "replyTo": "wile.e.coyote@acmelabs.com",
    "requestMessage": "This is the message from the merchant to GlobalCollect.",
    "responseMessage": "This is the response back from GlobalCollect to the merchant",
    "amountOfMoney": {"amount": 1234, "currencyCode": "USD"},
    "files": [{"fileName": "file.pdf", "id": "d3BjLWRpc3B1dGU6", "fileType": "application/pdf", "fileSize": "4261722"}]
  },
  "status": "CREATED",
  "statusOutput": {"isCancellable": true, "statusCode": 600, "statusCodeChangeDateTime": "20180731033126"}
}""")


def shape(value):
    """The members of a value and their types, in their order."""
    if isinstance(value, dict):
        return [(name, shape(member)) for name, member in value.items()]
    if isinstance(value, list):
        return [shape(item) for item in value]
    return type(value).__name__


def request(**more):
    body = CreateDisputeRequest()
    body.contact_person = "Wile Coyote"
    body.email_address = "wile.e.coyote@acmelabs.com"
    for name, value in more.items():
        setattr(body, name, value)
    return body


def money(amount, currency):
    amount_of_money = AmountOfMoney()
    amount_of_money.amount, amount_of_money.currency_code = amount, currency
    return amount_of_money


def upload(name, media, content):
    body = UploadFileRequest()
    body.file = UploadableFile(name, content, media)
    return body


class Connect(unittest.TestCase):
    next_payment = 0

    @classmethod
    def setUpClass(cls):
        def transaction(number, status="Succesful"):
            trxid = f"sdk-{number}"
            return {
                "trxid": trxid, "account": "acct_demo", "refid": trxid, "status": status, "amount": "50.00", "currency": "USD",
                "occurred_at": "2026-01-16T02:00:00Z", "updated_at": "2026-01-16T02:00:03Z",
                "details": {"captures": [f"capture-{number}"]},
            }

        # The service cannot use a key without a secret: a way to cause an internal error without harm.
        broken = {
            "id": "acct_broken", "name": "Broken", "environment": "production", "email": "broken@example.com", "merchant_id": "1999",
            "domain_code": None, "keys": [{"id": "broken", "secret": "", "role": "client"}], "users": [], "configuration": None,
        }
        transactions = [transaction(number) for number in range(40)] + [transaction("refunded", "Refund")]
        cls.cloud = LocalCloud([broken], transactions)
        cls.addClassCleanup(cls.cloud.stop)
        cls.merchant = cls.client("iimm_prod_demo")
        cls.stranger = cls.client("iimm_prod_stranger")

    @classmethod
    def client(cls, key, secret=None, merchant=None):
        key = cls.cloud.keys[key]
        configuration = CommunicatorConfiguration(
            api_endpoint=cls.cloud.url, api_key_id=key.id, secret_api_key=secret or key.secret, authorization_type="v1HMAC",
            connect_timeout=5, socket_timeout=60, max_connections=4, integrator="Recourse",
        )
        client = Factory.create_client_from_configuration(configuration)
        cls.addClassCleanup(client.close_expired_connections)
        return client.v1().merchant(merchant or key.merchant)

    def payment(self):
        """A payment that no other test disputes, and its capture."""
        number = type(self).next_payment
        type(self).next_payment += 1
        return f"sdk-{number}", f"capture-{number}"

    def draft(self, **more):
        payment, _ = self.payment()
        return self.merchant.payments().dispute(payment, request(**more))

    def upload(self, dispute, name, content, media="application/pdf", context=None):
        return self.merchant.disputes().upload_file(dispute.id, upload(name, media, content), context)

    def download(self, file_id, client=None):
        headers, chunks = (client or self.merchant).files().get_file(file_id)
        content = b"".join(chunks)
        return {name.lower(): value for name, value in (headers.items() if hasattr(headers, "items") else headers)}, content

    def refused(self, exception, status, code, call, *arguments):
        with self.assertRaises(exception) as caught:
            call(*arguments)
        raised = caught.exception
        self.assertIs(type(raised), exception)
        self.assertEqual((raised.status_code, {error.code for error in raised.errors}), (status, {code}))
        self.assertRegex(raised.error_id, "^[A-Za-z0-9_-]{15}=$")
        return raised.errors[0]

    def test_the_whole_flow_ends_in_the_published_sample(self):
        payment, _ = self.payment()
        say = SAMPLE["disputeOutput"]["requestMessage"]
        body = request(amount_of_money=money(1234, "USD"), reply_to="wile.e.coyote@acmelabs.com", request_message=say)
        draft = self.merchant.payments().dispute(payment, body)
        self.assertEqual((draft.status, draft.payment_id, draft.status_output.is_cancellable), ("DRAFT", payment, True))
        self.assertEqual(draft.dispute_output.files, [])
        content = evidence.pdf(4261722 - 100_000)
        uploaded = self.upload(draft, "file.pdf", content)
        self.assertEqual(uploaded.dispute_id, draft.id)

        submitted = self.merchant.disputes().submit(draft.id)
        answer = json.loads(json.dumps(submitted.to_dictionary()))
        raw = self.raw("GET", f"/v1/1001/disputes/{draft.id}")
        self.assertEqual(shape(raw), shape(SAMPLE))
        self.assertEqual(answer, raw)
        self.assertEqual((raw["status"], raw["statusOutput"]["statusCode"]), ("CREATED", 600))
        self.assertEqual(raw["disputeOutput"]["creationDetails"]["disputeOriginator"], "Merchant")
        self.assertEqual(raw["disputeOutput"]["amountOfMoney"], SAMPLE["disputeOutput"]["amountOfMoney"])
        self.assertRegex(raw["statusOutput"]["statusCodeChangeDateTime"], "^[0-9]{14}$")
        [file] = submitted.dispute_output.files
        self.assertEqual((file.id, file.file_name, file.file_size), (uploaded.file_id, "file.pdf", str(len(content))))

        [listed] = self.merchant.payments().disputes(payment).disputes
        self.assertEqual(listed.to_dictionary(), submitted.to_dictionary())
        headers, downloaded = self.download(uploaded.file_id)
        self.assertEqual(downloaded, content)
        self.assertEqual(headers["content-type"], "application/pdf")
        self.assertEqual(headers["content-disposition"], 'attachment; filename="file.pdf"')
        self.assertEqual(headers["content-length"], str(len(content)))

        self.refused(ValidationException, 400, "310400200", self.upload, draft, "late.pdf", evidence.pdf())
        self.refused(ValidationException, 400, "310400200", self.merchant.disputes().submit, draft.id)
        cancelled = self.merchant.disputes().cancel(draft.id)
        self.assertEqual((cancelled.status, cancelled.status_output.is_cancellable), ("CANCELLED", False))
        raised = self.refused(ValidationException, 400, "310400200", self.merchant.disputes().cancel, draft.id)
        self.assertEqual(raised.id, "DISPUTE_ACTION_NOT_ALLOWED_ON_TRANSACTION")
        self.assertEqual((raised.category, raised.message), ("DISPUTE_SERVICE_ERROR", "Action not allowed for current state"))

    def test_a_name_with_a_semicolon_comes_back_whole(self):
        draft = self.draft()
        for name, read in [("plan; part 1 of 2.pdf", "plan_ part 1 of 2.pdf"), ("a; filename=b.pdf", "a_ filename=b.pdf")]:
            uploaded = self.upload(draft, name, evidence.pdf())
            headers, _ = self.download(uploaded.file_id)
            self.assertEqual(get_disposition_filename(headers), read)
            self.assertTrue(headers["content-disposition"].endswith("filename*=UTF-8''" + quote(name, safe="")))

    def raw(self, method, path):
        """The answer on the wire. The SDK drops members that it does not know."""
        key = self.cloud.keys["iimm_prod_demo"]
        url, date = self.cloud.url + path, formatdate(usegmt=True)
        headers = [RequestHeader("Date", date)]
        authenticator = V1HMACAuthenticator(key.id, key.secret)
        authorization = authenticator.get_authorization(method, urlparse(url), headers)
        asked = urllib.request.Request(url, method=method, headers={"Date": date, "Authorization": authorization})
        with urllib.request.urlopen(asked) as answer:
            self.assertEqual(answer.headers["Content-Type"], "application/json")
            return json.load(answer)

    def test_a_capture_is_its_payment(self):
        payment, capture = self.payment()
        captures = self.merchant.captures()
        draft = captures.dispute(capture, request())
        self.assertEqual((draft.capture_id, draft.payment_id), (capture, payment))
        self.assertEqual([dispute.id for dispute in captures.disputes(capture).disputes], [draft.id])
        self.assertEqual([dispute.id for dispute in self.merchant.payments().disputes(payment).disputes], [draft.id])
        self.assertEqual(self.merchant.disputes().get(draft.id).capture_id, capture)
        duplicate = self.refused(ReferenceException, 409, "310409001", self.merchant.payments().dispute, payment, request())
        self.assertEqual(duplicate.id, "DUPLICATE_DISPUTE")
        self.assertIn(draft.id, duplicate.message)

    def test_every_format_comes_back_byte_for_byte(self):
        draft = self.draft()
        names = {}
        for ending, (media, content) in evidence.FORMATS.items():
            name = f'Beleg "{ending}" für 例.{ending}'
            names[self.upload(draft, name, content, media).file_id] = (name, media, content)
        files = self.merchant.disputes().submit(draft.id).dispute_output.files
        self.assertEqual({file.id: file.file_name for file in files}, {id: name for id, (name, _, _) in names.items()})
        for file in files:
            _, media, content = names[file.id]
            headers, downloaded = self.download(file.id)
            self.assertEqual((headers["content-type"], downloaded), (media, content), file.file_type)
        self.assertEqual(self.merchant.payments().disputes(self.payment()[0]).disputes, [])

    def test_what_is_no_evidence_is_refused(self):
        draft = self.draft()
        for name, content, media in [
            ("page.html", b"<html>", "text/html"), ("image.png", evidence.pdf(), "image/png"), ("file.pdf", b"", "application/pdf"),
            ("file.pdf", evidence.pdf(), "text/html"), ("file.exe.pdf", b"MZ\x90\x00", "application/pdf"),
        ]:
            raised = self.refused(ValidationException, 400, "310400001", self.upload, draft, name, content, media)
            self.assertEqual(raised.property_name, "file")
        self.upload(draft, "largest.pdf", evidence.pdf(4 * 1024 * 1024))
        raised = self.refused(ValidationException, 400, "310400002", self.upload, draft, "a.pdf", evidence.pdf(4 * 1024 * 1024 + 1))
        self.assertIn("/uploads", raised.message)

    def test_a_repeat_is_the_first_request(self):
        payment, _ = self.payment()
        context = CallContext("create-1")
        first = self.merchant.payments().dispute(payment, request(), context)
        self.assertIsNone(context.idempotence_request_timestamp)
        again = self.merchant.payments().dispute(payment, request(), context)
        self.assertEqual(again.to_dictionary(), first.to_dictionary())
        self.assertIsNotNone(re.fullmatch("[0-9]{13}", str(context.idempotence_request_timestamp)))
        other = request(contact_person="Road Runner")
        reused = self.refused(ReferenceException, 409, "310409002", self.merchant.payments().dispute, payment, other, CallContext("create-1"))
        self.assertEqual(reused.id, "IDEMPOTENCE_KEY_REUSED")

        # The SDK draws another boundary each time, so the bodies differ.
        one = self.upload(first, "file.pdf", evidence.pdf(), context=CallContext("upload-1"))
        two = self.upload(first, "file.pdf", evidence.pdf(), context=CallContext("upload-1"))
        self.assertEqual(two.file_id, one.file_id)
        self.refused(ReferenceException, 409, "310409002", self.upload, first, "other.pdf", evidence.pdf(), "application/pdf", CallContext("upload-1"))

        submitted = self.merchant.disputes().submit(first.id, CallContext("submit-1"))
        context = CallContext("submit-1")
        again = self.merchant.disputes().submit(first.id, context)
        self.assertEqual(again.to_dictionary(), submitted.to_dictionary())
        self.assertIsNotNone(context.idempotence_request_timestamp)
        self.assertEqual([file.id for file in again.dispute_output.files], [one.file_id])
        cancelled = self.merchant.disputes().cancel(first.id, CallContext("cancel-1"))
        again = self.merchant.disputes().cancel(first.id, CallContext("cancel-1"))
        self.assertEqual(again.to_dictionary(), cancelled.to_dictionary())

    def test_bad_requests_name_the_property(self):
        payment, _ = self.payment()
        for body, place in [
            (CreateDisputeRequest(), "contactPerson"), (request(email_address="nobody"), "emailAddress"),
            (request(contact_person="x" * 31), "contactPerson"), (request(request_message="x" * 4001), "requestMessage"),
            (request(amount_of_money=money(5001, "USD")), "amountOfMoney.amount"),
            (request(amount_of_money=money(5000, "EUR")), "amountOfMoney.currencyCode"),
            (request(amount_of_money=AmountOfMoney()), "amountOfMoney.amount"),
        ]:
            raised = self.refused(ValidationException, 400, "310400001", self.merchant.payments().dispute, payment, body)
            self.assertEqual(raised.property_name, place)
        self.refused(ValidationException, 400, "310400200", self.merchant.payments().dispute, "sdk-refunded", request())
        self.assertEqual(self.merchant.payments().disputes(payment).disputes, [])

    def test_somebody_elses_is_like_nobodys(self):
        draft = self.draft()
        file = self.upload(draft, "file.pdf", evidence.pdf()).file_id
        stranger, unknown_file = self.stranger, "7-" + "0" * 32
        for code, foreign, unknown in [
            ("300240", lambda: stranger.payments().dispute(draft.payment_id, request()), lambda: stranger.payments().dispute("none", request())),
            ("300240", lambda: stranger.payments().disputes(draft.payment_id), lambda: stranger.payments().disputes("none")),
            ("300240", lambda: stranger.captures().disputes("capture-0"), lambda: stranger.captures().disputes("none")),
            ("310404001", lambda: stranger.disputes().get(draft.id), lambda: stranger.disputes().get("7")),
            ("310404001", lambda: stranger.disputes().submit(draft.id), lambda: stranger.disputes().submit("7")),
            ("310404001", lambda: stranger.disputes().cancel(draft.id), lambda: stranger.disputes().cancel("7")),
            ("310404001", lambda: stranger.disputes().upload_file(draft.id, upload("a.pdf", "application/pdf", evidence.pdf())),
             lambda: stranger.disputes().upload_file("7", upload("a.pdf", "application/pdf", evidence.pdf()))),
            ("310404002", lambda: stranger.files().get_file(file), lambda: stranger.files().get_file(unknown_file)),
        ]:
            theirs = self.refused(ReferenceException, 404, code, foreign).to_dictionary()
            nobodys = self.refused(ReferenceException, 404, code, unknown).to_dictionary()
            self.assertEqual({**theirs, "requestId": None}, {**nobodys, "requestId": None})
        self.assertEqual(self.merchant.disputes().get(draft.id).status, "DRAFT")

    def test_who_may_not_call_is_told_403(self):
        draft = self.draft()
        for client, code, id in [
            (self.client("iimm_prod_demo", secret="another secret"), "9002", "MISSING_OR_INVALID_AUTHORIZATION"),
            (self.client("iimm_prod_stranger", merchant="1001"), "9007", "ACCESS_TO_MERCHANT_NOT_ALLOWED"),
            (self.client("platform_demo", merchant="1001"), "9007", "ACCESS_TO_MERCHANT_NOT_ALLOWED"),
        ]:
            for call in [lambda: client.disputes().get(draft.id), lambda: client.disputes().submit(draft.id),
                         lambda: client.files().get_file("7-" + "0" * 32)]:
                self.assertEqual(self.refused(AuthorizationException, 403, code, call).id, id)

    def test_the_nodejs_sdk_is_served_as_well(self):
        key = self.cloud.keys["iimm_prod_demo"]
        environment = {
            **os.environ, "CONNECT_URL": self.cloud.url, "CONNECT_KEY": key.id, "CONNECT_SECRET": key.secret,
            "CONNECT_MERCHANT": key.merchant, "CONNECT_PAYMENT": self.payment()[0],
        }
        script = os.path.join(os.path.dirname(__file__), "connect_node.js")
        ran = subprocess.run(["node", script], env=environment, capture_output=True, text=True, timeout=120)
        self.assertEqual((ran.returncode, ran.stdout + ran.stderr), (0, ""))

    def test_what_is_ours_to_blame_is_500(self):
        client = self.client("broken", secret="whatever")
        raised = self.refused(PlatformException, 500, "9999", client.disputes().get, "7")
        self.assertEqual(raised.id, "UNKNOWN_SERVER_ERROR")


if __name__ == "__main__":
    unittest.main()
