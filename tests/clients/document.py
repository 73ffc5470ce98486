"""The calls and examples of openapi.yaml, for the tests of generated clients."""

import copy
import pathlib
from datetime import datetime

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
METHODS = ("get", "put", "post", "patch", "delete")

# A value of each required parameter. Nobody receives it: the answer is an example.
PARAMETERS = {
    "Authorization": "GCS v1HMAC:key:signature",
    "Date": "Mon, 30 Nov 2026 08:00:00 GMT",
    "X-Api-Key": "iimm_prod_demo",
    "X-Timestamp": "1764547200",
    "X-Nonce": "req-1764547200-0001",
    "X-Signature": "v1=cDjRvALYQuDu1y+gHKis37P2W59ReuhXIf655mtj49U=",
    "disputeId": "dispute_Dffgonjc",
    "merchantId": "1001",
    "paymentId": "50001",
    "captureId": "50001-1",
    "fileId": "551-0",
    "logCode": "FBN00II551",
    "category": "Chargeback",
    "type": "BillPayment",
    "reference": "1286176",
    "trxid": "50001",
    "caseId": "RC-Dffgonjc",
    "id": "we_0f1e2d3c4b5a69788796a5b4",
    "Idempotency-Key": "5ded4dda-0000-4000-8000-000000000000",
}


class Example:
    """An example of a body: the request's where `status` is None, otherwise that answer's."""

    def __init__(self, operation, status, name, media, schema, value):
        self.operation, self.status, self.name = operation, status, name
        self.media, self.schema, self.value = media, schema, value

    def __str__(self):
        return f"{self.operation.id} {self.status or 'request'} {self.name}"


class Operation:
    """A call. `parameters` are the required ones, with their values."""

    def __init__(self, document, path, method, item):
        self.path, self.method, self.id = path, method, item["operationId"]
        shared = [document.target(parameter) for parameter in item.get("parameters", [])]
        self.parameters = {one["name"]: PARAMETERS[one["name"]] for one in shared if one.get("required")}
        self.requests = list(document.examples(self, None, item.get("requestBody", {})))
        self.media = next(iter(item.get("requestBody", {}).get("content", {})), None)
        self.answers = []
        for status, answer in item["responses"].items():
            self.answers += document.examples(self, int(status), document.target(answer))

    def of(self, **values):
        """The same call with other values of its parameters."""
        other = copy.copy(self)
        other.parameters = {**self.parameters, **values}
        return other


class Document:
    def __init__(self):
        self.root = yaml.safe_load((ROOT / "openapi.yaml").read_text())
        self.operations = [
            Operation(self, path, method, item[method])
            for path, item in self.root["paths"].items()
            for method in METHODS
            if method in item
        ]

    def target(self, value):
        """The target of a `$ref`, or the value itself."""
        while "$ref" in value:
            found = self.root
            for name in value["$ref"].removeprefix("#/").split("/"):
                found = found[name]
            value = found
        return value

    def item(self, schema):
        """The schema of a list's items, or the schema itself if it is not a list."""
        items = self.root["components"]["schemas"][schema].get("items")
        return items["$ref"].rsplit("/", 1)[1] if items else schema

    def examples(self, operation, status, body):
        for media, content in body.get("content", {}).items():
            if content["schema"].get("format") == "binary":
                continue
            schema = content["schema"]["$ref"].removeprefix("#/components/schemas/")
            for name, example in content.get("examples", {}).items():
                yield Example(operation, status, name, media, schema, example["value"])


def missing(expected, read, place=""):
    """The places where `read` lacks a member of `expected`, or has another value.

    Clients may add members, write times with another number of digits, and numbers as floats.
    """
    if isinstance(expected, dict):
        if not isinstance(read, dict):
            return [f"{place}: {read!r} is no object"]
        return [m for name, value in expected.items() for m in missing(value, read.get(name), f"{place}.{name}")]
    if isinstance(expected, list):
        if not isinstance(read, list) or len(read) != len(expected):
            return [f"{place}: {read!r} is not {expected!r}"]
        return [m for i, pair in enumerate(zip(expected, read)) for m in missing(*pair, f"{place}[{i}]")]
    if expected != read or isinstance(expected, bool) != isinstance(read, bool):
        if not (isinstance(expected, str) and isinstance(read, str) and moment(expected) == moment(read) is not None):
            return [f"{place}: {read!r} is not {expected!r}"]
    return []


def moment(text):
    """The time in a text, or None if it is not a time with an offset."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None
