#!/bin/sh
# openapi-python-client 0.29.1: members beside an `allOf` of one reference are not in the client.
#
# Input: a schema `Detail` with an `allOf` of one `$ref`, to a schema `Summary`, and a member of its
# own. Another one, `Both`, has the same member in a second entry of its `allOf`.
# Expected: a model `Detail` with the members of `Summary` and its own.
# Seen: no model `Detail`. The call answers a `Summary`, and the schema's own member is nowhere. No
# warning, also with --fail-on-warning, and the status of the program is 0. `Both` is whole. Wants
# Python 3.11 or later with venv.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat >openapi.yaml <<'YAML'
openapi: 3.1.0
info: { title: Example, version: "1" }
paths:
  /detail:
    get:
      operationId: getDetail
      responses:
        "200": { description: One, content: { application/json: { schema: { $ref: "#/components/schemas/Detail" } } } }
        "201": { description: Another, content: { application/json: { schema: { $ref: "#/components/schemas/Both" } } } }
components:
  schemas:
    Summary: { type: object, properties: { name: { type: string } } }
    Journal: { type: object, properties: { journal: { type: string } } }
    Detail:
      type: object
      allOf: [{ $ref: "#/components/schemas/Summary" }]
      properties: { history: { type: string } }
    Both: { allOf: [{ $ref: "#/components/schemas/Summary" }, { $ref: "#/components/schemas/Journal" }] }
YAML
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check openapi-python-client==0.29.1
echo 'post_hooks: []' >config.yaml
venv/bin/openapi-python-client generate --path openapi.yaml --output-path client --meta none --config config.yaml --fail-on-warning >log 2>&1
cat log
ls client/models
if [ ! -e client/models/detail.py ] && ! grep -rq history client && grep -q journal client/models/both.py; then
    exit 0
fi
echo "changed: the schema's own member is in the client" >&2
exit 1
