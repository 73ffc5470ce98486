"""POST /v2/transactions/check in Python, as a team would write it with boto3 and Powertools.

It does what iimmpact-report does: headers, clock, HMAC, nonce, body, the transaction's facts, and
one TransactWriteItems with the transaction's status, the lock, the dispute, its link, its place in
the account's list, its history and its mail. Two things are simpler than in iimmpact-report, in
favour of this function: its key is a variable of its environment, so that it needs neither KMS nor
a read for it, and addresses are hardly checked.

Powertools refuses a nonce that was used (NONCE=powertools): a record of its own, written before
and after. With NONCE=transaction the nonce is one more item of the transaction, as it is in
iimmpact-report, and Powertools is not loaded.
"""

import base64
import hashlib
import hmac
import json
import os
import re
import secrets
import time

import boto3
from botocore.config import Config

DISPUTES = os.environ["DISPUTES_TABLE"]
EPHEMERAL = os.environ["EPHEMERAL_TABLE"]
WINDOW_S = int(os.environ["CLOCK_WINDOW_SECONDS"])
# By key id: secret (base64), account, environment and the account's address.
KEYS = json.loads(os.environ["API_KEYS"])
WITH_POWERTOOLS = os.environ["NONCE"] == "powertools"

# How long a nonce is remembered: longer than the longest window, 900 seconds.
NONCE_S = 960
MAX_BODY = 64 * 1024
MAX_ADDRESSES = 49
NONCE = re.compile(r"[\x21-\x2b\x2d-\x39\x3b-\x7e]{16,128}")
SIGNATURE = re.compile(r"v1=([A-Za-z0-9+/]{43}=)")
ADDRESS = re.compile(r"[^@\s]{1,64}@[^@\s]{1,190}")

CREATED = (
    "We've received your request for a status update and are in the midst of checking with the relevant service"
    " provider. We'll keep you updated on the status of your request via email."
)
DUPLICATE = (
    "Sorry, a support request has already been created for this transaction. We're working on it and will provide an"
    " update shortly."
)
REFUSED = "Sorry, Report Issue is not available for this transaction."

dynamodb = boto3.client(
    "dynamodb", config=Config(retries={"mode": "standard", "max_attempts": 3}, connect_timeout=1, read_timeout=3)
)


def answer(status, body):
    return {"status": status, "body": body}


def refused(code, message):
    return answer(401, {"error": code, "message": message})


REPLAYED = refused("replayed_nonce", "X-Nonce was used before; every request needs a fresh one.")
INVALID = refused("invalid_credentials", "The API key or the signature is not valid.")


def about(refid, status, message):
    return answer(200, {"data": {"refid": refid, "status": status, "message": message}})


def invalid(field, message):
    return answer(400, {"message": "The given data was invalid.", "errors": {field: [message]}})


def canonical_query(raw):
    return "&".join(sorted(raw.split("&"), key=lambda pair: pair.split("=", 1) if "=" in pair else [pair, ""]))


def authenticate(event, body, now):
    """The key that signed the request, or the refusal."""
    headers = event["headers"]
    values = {}
    for name in ("x-api-key", "x-timestamp", "x-nonce", "x-signature"):
        values[name] = headers.get(name)
        if not values[name]:
            return None, refused("missing_header", f"The header {name} is missing.")
    signature = SIGNATURE.fullmatch(values["x-signature"])
    sent_at = values["x-timestamp"]
    if not signature or not NONCE.fullmatch(values["x-nonce"]) or not sent_at.isdecimal() or len(sent_at) > 12:
        return None, refused("malformed_header", "A header of the signature is malformed.")
    if abs(now - int(sent_at)) > WINDOW_S:
        message = f"X-Timestamp must be within {WINDOW_S} seconds of the current time."
        return None, refused("stale_timestamp", message)
    key = KEYS.get(values["x-api-key"])
    # A stranger's key costs as much as a known one.
    secret = base64.b64decode(key["secret"] if key else "AAAA")
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    method, query = event["requestContext"]["http"]["method"], canonical_query(event["rawQueryString"])
    signed = f"v1:{sent_at}:{values['x-nonce']}:{method}:{query}:{digest}"
    expected = hmac.new(secret, signed.encode(), hashlib.sha256).digest()
    if not hmac.compare_digest(expected, base64.b64decode(signature[1])) or key is None:
        return None, INVALID
    return {**key, "id": values["x-api-key"], "nonce": values["x-nonce"]}, None


def read(body, account_address):
    """The report in a body, or what is wrong with it."""
    if len(body) > MAX_BODY:
        return None, invalid("body", "The request body is too large.")
    try:
        fields = json.loads(body)
    except ValueError:
        return None, invalid("body", "The request body must be JSON.")
    if not isinstance(fields, dict):
        return None, invalid("body", "The request body must be an object.")
    refid, addresses = fields.get("refid"), fields.get("user_email") or []
    if not isinstance(refid, str) or not 0 < len(refid) <= 50:
        return None, invalid("trxid", "The refid must be a text.")
    if not isinstance(addresses, list) or len(addresses) > MAX_ADDRESSES:
        return None, invalid("user_email", "The user_email must be an array of email addresses.")
    for index, address in enumerate(addresses):
        if not isinstance(address, str) or not ADDRESS.fullmatch(address):
            return None, invalid(f"user_email.{index}", "This must be a valid email address.")
    return {"refid": refid, "to": (addresses or [account_address])[0], "cc": [*addresses[1:], account_address]}, None


def part(text):
    return text.replace("%", "%25").replace("#", "%23")


def put(table, pk, sk, kind, attributes):
    item = {"PK": {"S": pk}, "SK": {"S": sk}, "item": {"S": kind}, "schema": {"N": "1"}, **attributes}
    return {
        "Put": {
            "TableName": table,
            "Item": item,
            "ConditionExpression": "attribute_not_exists(PK)",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
    }


def nonce_put(caller, now):
    key = f"NONCE#{caller['id']}#{part(caller['nonce'])}"
    return put(EPHEMERAL, key, key, "nonce", {"expires_at": {"N": str(now + NONCE_S)}})


def writes(caller, report, facts, number, now_ms):
    """All that a report writes, in the order of rank."""
    trxid, account = facts["trxid"]["S"], caller["account"]
    transaction = f"TXN#{caller['environment']}#{part(trxid)}"
    numbered, at = {"N": str(number)}, {"N": str(now_ms)}
    summary = {
        "number": numbered,
        "channel": {"S": "iimmpact"},
        "state": {"S": "open"},
        "opener": {"S": account},
        "opened_at": at,
        "amount": facts["amount"],
    }
    recipients = {"M": {"to": {"S": report["to"]}, "cc": {"L": [{"S": address} for address in report["cc"]]}}}
    dispute = {**summary, "version": {"N": "1"}, "facts": {"M": facts}, "recipients": recipients}
    event = {"kind": {"S": "opened"}, "by": {"M": {"actor": {"S": "opener"}, "name": {"S": caller["id"]}}}, "at": at}
    mail = {
        "template": {"S": "case_opened"},
        "recipients": recipients,
        "facts": {"M": facts},
        "mail_state": {"S": "pending"},
        "attempts": {"N": "0"},
        "enqueued_at": at,
        "changed_at": at,
        "outbox_shard": {"S": f"pending{number % 8}"},
        "outbox_due": at,
    }
    return [
        {
            "ConditionCheck": {
                "TableName": DISPUTES,
                "Key": {"PK": {"S": transaction}, "SK": {"S": "TXN"}},
                "ConditionExpression": "transaction_status = :status",
                "ExpressionAttributeValues": {":status": {"S": "Succesful"}},
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            }
        },
        put(DISPUTES, transaction, "LIVE", "active_lock", {"dispute": numbered, "opener": {"S": account}}),
        put(DISPUTES, f"DSP#{number}", "DSP", "dispute", dispute),
        put(DISPUTES, transaction, f"DSP#{number}", "link", summary),
        put(DISPUTES, f"PTY#account#{part(account)}", f"{now_ms:015}#{number:015}", "listed", summary),
        put(DISPUTES, f"DSP#{number}", "EVT#0000000001", "event", event),
        put(DISPUTES, f"DSP#{number}", "MAIL#0000000001", "mail", mail),
    ]


def open_dispute(caller, report, facts, now):
    refid, more = facts["refid"]["S"], [] if WITH_POWERTOOLS else [nonce_put(caller, now)]
    while True:
        items = writes(caller, report, facts, secrets.randbelow(10**12), time.time_ns() // 1_000_000)
        try:
            dynamodb.transact_write_items(TransactItems=items + more, ClientRequestToken=secrets.token_hex(16))
            return about(refid, "Success", CREATED)
        except dynamodb.exceptions.TransactionCanceledException as error:
            codes = [reason.get("Code") for reason in error.response["CancellationReasons"]]
        if more and codes[-1] == "ConditionalCheckFailed":
            return REPLAYED
        if codes[0] == "ConditionalCheckFailed":
            return use_nonce(caller, now) or about(refid, "Failed", REFUSED)
        if codes[1] == "ConditionalCheckFailed":
            return use_nonce(caller, now) or about(refid, "Failed", DUPLICATE)
        if codes[2] != "ConditionalCheckFailed":
            raise RuntimeError(f"the write was refused: {codes}")


def use_nonce(caller, now):
    """Uses up the nonce of a request that writes nothing else. Powertools has done so already."""
    if WITH_POWERTOOLS:
        return None
    try:
        dynamodb.put_item(**nonce_put(caller, now)["Put"])
    except dynamodb.exceptions.ConditionalCheckFailedException:
        return REPLAYED
    return None


def report(caller, body, now):
    found, wrong = read(body, caller["email"])
    if wrong:
        return use_nonce(caller, now) or wrong
    key = f"REF#{caller['environment']}#{part(caller['account'])}#{part(found['refid'])}"
    pointer = dynamodb.get_item(TableName=DISPUTES, Key={"PK": {"S": key}, "SK": {"S": "REF"}}, ConsistentRead=True)
    if "Item" not in pointer:
        return use_nonce(caller, now) or invalid("trxid", "The transaction does not exist.")
    return open_dispute(caller, found, pointer["Item"]["facts"]["M"], now)


if WITH_POWERTOOLS:
    from aws_lambda_powertools.utilities.idempotency import (
        DynamoDBPersistenceLayer,
        IdempotencyConfig,
        idempotent_function,
    )
    from aws_lambda_powertools.utilities.idempotency.exceptions import IdempotencyAlreadyInProgressError

    # A nonce that is known leads to a refusal, not to the answer that is stored.
    idempotency = IdempotencyConfig(expires_after_seconds=NONCE_S, response_hook=lambda _answer, _record: REPLAYED)
    records = DynamoDBPersistenceLayer(table_name=os.environ["IDEMPOTENCY_TABLE"], boto3_client=dynamodb)

    @idempotent_function(data_keyword_argument="nonce", persistence_store=records, config=idempotency)
    def report_once(nonce, caller, body, now):
        return report(caller, body, now)


def handler(event, context):
    now = int(time.time())
    text = event.get("body") or ""
    body = base64.b64decode(text) if event["isBase64Encoded"] else text.encode()
    caller, result = authenticate(event, body, now)
    if caller and WITH_POWERTOOLS:
        idempotency.register_lambda_context(context)
        try:
            result = report_once(nonce=f"{caller['id']}#{caller['nonce']}", caller=caller, body=body, now=now)
        except IdempotencyAlreadyInProgressError:
            result = REPLAYED
    elif caller:
        result = report(caller, body, now)
    print(json.dumps({"level": "INFO", "message": "request", "api": "iimmpact", "status": result["status"]}))
    return {
        "statusCode": result["status"],
        "headers": {"content-type": "application/json"},
        "body": json.dumps(result["body"]),
        "isBase64Encoded": False,
    }
