#!/bin/sh
# openapi-generator 7.26.0, Python: a model with a constant boolean refuses the constant.
#
# Input: an object of OpenAPI 3.1 with the member `{type: boolean, const: true}`, and one with a
# constant integer.
# Expected: models that take true and 200, and refuse anything else.
# Seen: the first model compares the boolean with the text 'true' and raises a ValidationError for
# true, false and every other boolean. The integer's model works. Wants Java 11 and Python 3.10 or
# later with venv.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat >openapi.yaml <<'YAML'
openapi: 3.1.0
info: { title: Example, version: "1" }
paths:
  /done:
    get:
      operationId: getDone
      responses:
        "200": { description: Done, content: { application/json: { schema: { $ref: "#/components/schemas/Done" } } } }
        "201": { description: Code, content: { application/json: { schema: { $ref: "#/components/schemas/Code" } } } }
components:
  schemas:
    Done: { type: object, required: [success], properties: { success: { type: boolean, const: true } } }
    Code: { type: object, required: [code], properties: { code: { type: integer, const: 200 } } }
YAML
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check openapi-generator-cli==7.26.0 "pydantic>=2.11" python-dateutil "urllib3>=2.7,<3"
venv/bin/openapi-generator-cli generate --input-spec openapi.yaml --generator-name python --output client --package-name example >log 2>&1
cat >read.py <<'PYTHON'
import sys

sys.path.insert(0, "client")
import example
from pydantic import ValidationError

print(example.Code.from_json('{"code": 200}'))
for text in ("true", "false"):
    try:
        example.Done.from_json('{"success": %s}' % text)
        sys.exit("changed: %s is taken" % text)
    except ValidationError as error:
        print(error)
PYTHON
venv/bin/python read.py
