"""Rules for openapi.yaml that make code generators produce good clients. `make lint` runs them.

They take a second. `make test-clients` tests the clients themselves.
"""

import re
import unittest
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = yaml.safe_load((ROOT / "openapi.yaml").read_text())
SCHEMAS = DOCUMENT["components"]["schemas"]
METHODS = ["get", "put", "post", "patch", "delete", "options", "head", "trace"]
LIMITS = {"int32": 2**31 - 1, "int64": 2**63 - 1}
# Keywords of languages, in lower case. Generators rename a model of such a name.
RESERVED = {"class", "date", "default", "error", "errors", "import", "map", "object", "package", "set", "type"}


def parts(schema):
    """The schemas within this one, each with its name there."""
    for name, member in schema.get("properties", {}).items():
        yield name, member
    for name in ("items", "additionalProperties", "not"):
        if isinstance(schema.get(name), dict):
            yield name, schema[name]
    for name in ("allOf", "oneOf", "anyOf"):
        for number, member in enumerate(schema.get(name, [])):
            yield f"{name}[{number}]", member


def walk(place, schema):
    """This schema and all within it, each with its place."""
    yield place, schema
    for name, part in parts(schema):
        yield from walk(f"{place}.{name}", part)


def bodies():
    """The schemas of all parameters, headers, requests and answers, each with its place."""

    def contents(place, body):
        for media, content in body.get("content", {}).items():
            yield f"{place} {media}", content["schema"]
        for name, header in body.get("headers", {}).items():
            if "$ref" not in header:
                yield f"{place} {name}", header["schema"]

    components = DOCUMENT["components"]
    for name, parameter in components["parameters"].items():
        yield f"parameter {name}", parameter["schema"]
    for name, header in components["headers"].items():
        yield f"header {name}", header["schema"]
    for name, answer in components["responses"].items():
        yield from contents(f"response {name}", answer)
    for path, item in DOCUMENT["paths"].items():
        for method in METHODS:
            call, place = item.get(method, {}), f"{method} {path}"
            for parameter in call.get("parameters", []):
                if "$ref" not in parameter:
                    yield f"{place} {parameter['name']}", parameter["schema"]
            yield from contents(f"{place} request", call.get("requestBody", {}))
            for status, answer in call.get("responses", {}).items():
                yield from contents(f"{place} {status}", answer)


def everything():
    """Every schema of the document, with its place and whether that is its name."""
    for name, schema in SCHEMAS.items():
        for place, found in walk(name, schema):
            yield place, found, place == name
    for place, schema in bodies():
        for within, found in walk(place, schema):
            yield within, found, False


def types(schema):
    """The types that a schema may have, except `null`."""
    found = schema.get("type", [])
    return [one for one in ([found] if isinstance(found, str) else found) if one != "null"]


def alternatives(schema):
    """Its alternatives except `null`: two are a union, one is a type that may also be `null`."""
    return [one for name in ("oneOf", "anyOf") for one in schema.get(name, []) if one.get("type") != "null"]


class Names(unittest.TestCase):
    """Generators name an unnamed schema after its place, with a number if needed: `Status6`."""

    def test_each_object_enum_and_union_is_a_schema_with_a_name(self):
        nameless = []
        for place, schema, named in everything():
            kinds = [
                "object" in types(schema) or "properties" in schema,
                "enum" in schema,
                len(types(schema)) > 1 or len(alternatives(schema)) > 1,
                "allOf" in schema,
            ]
            if any(kinds) and not named:
                nameless.append(place)
        self.assertEqual(nameless, [])

    def test_a_union_or_an_enum_has_no_null_of_its_own(self):
        # The place of use says whether it may be `null`: there is no good name for a class that is
        # one or the other.
        wrong = []
        for name, schema in SCHEMAS.items():
            null = {"type": "null"} in schema.get("oneOf", []) or "null" in schema.get("type", [])
            if null and ("enum" in schema or "object" in types(schema) or alternatives(schema)):
                wrong.append(name)
        self.assertEqual(wrong, [])

    def test_no_enum_is_written_down_twice(self):
        seen, twice = {}, []
        for name, schema in SCHEMAS.items():
            if "enum" in schema:
                values = tuple(schema["enum"])
                twice += [(seen[values], name)] if values in seen else []
                seen[values] = name
        self.assertEqual(twice, [])

    def test_names_are_words_that_generators_keep(self):
        wrong = [name for name in SCHEMAS if not re.fullmatch("[A-Z][A-Za-z]*", name) or name.lower() in RESERVED]
        self.assertEqual(wrong, [])

    def test_each_schema_is_used(self):
        used = set(re.findall("#/components/schemas/([A-Za-z]+)", (ROOT / "openapi.yaml").read_text()))
        self.assertEqual(set(SCHEMAS) ^ used, set())


class Values(unittest.TestCase):
    def test_each_integer_says_how_wide_it_is(self):
        wrong = []
        for place, schema, _ in everything():
            if "integer" in types(schema):
                limit = LIMITS.get(schema.get("format"))
                bounds = [abs(schema[name]) for name in ("minimum", "maximum", "default") if name in schema]
                if limit is None or any(bound > limit for bound in bounds):
                    wrong.append(place)
        self.assertEqual(wrong, [])

    def test_each_array_says_what_it_is_of(self):
        # openapi-python-client omits a schema with an array of anything, and the calls that use it.
        wrong = [place for place, schema, _ in everything() if "array" in types(schema) and "items" not in schema]
        self.assertEqual(wrong, [])

    def test_nothing_is_a_constant(self):
        # openapi-generator's Python client compares a constant boolean with a text and refuses it.
        self.assertEqual([place for place, schema, _ in everything() if "const" in schema], [])

    def test_no_member_has_a_default(self):
        # openapi-typescript makes a member with a default a required one.
        wrong = [place for place, schema, _ in everything() if any("default" in part for _, part in parts(schema))]
        self.assertEqual(wrong, [])

    def test_what_a_member_is_made_of_is_named_in_full(self):
        # openapi-python-client uses a single reference in `allOf` as the whole schema, and omits
        # the members beside it.
        wrong = [place for place, schema, _ in everything() if len(schema.get("allOf", [1, 2])) < 2]
        self.assertEqual(wrong, [])

    def test_a_form_is_an_object(self):
        # Clients encode a form by its members. With a string as schema, the generated call fails.
        wrong = []
        for place, schema in bodies():
            if "x-www-form-urlencoded" in place:
                name = schema.get("$ref", "").rsplit("/", 1)[-1]
                if SCHEMAS.get(name, {}).get("type") != "object":
                    wrong.append(place)
        self.assertEqual(wrong, [])


class Tags(unittest.TestCase):
    def test_calls_and_webhooks_share_no_tag(self):
        # openapi-generator makes one class of each tag, and webhooks replace the calls in it.
        def tags(items):
            calls = [call for item in items.values() for call in item.values() if isinstance(call, dict)]
            return {tag for call in calls for tag in call.get("tags", [])}

        self.assertEqual(tags(DOCUMENT["paths"]) & tags(DOCUMENT.get("webhooks", {})), set())


if __name__ == "__main__":
    unittest.main()
