#!/bin/sh
# openapi-python-client 0.29.1: one array without `items` takes a whole schema and the answers that
# use it out of the client.
#
# Input: an OpenAPI 3.1 object with a member `{type: array}`. JSON Schema 2020-12 lets an array be
# without `items`.
# Expected: a member that is a list of anything.
# Seen: a warning "type array must have items or prefixItems defined", no model `Report`, and a call
# `get_report` that parses no answer. The status of the program is 0. Wants Python 3.11 or later
# with venv.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat >openapi.yaml <<'YAML'
openapi: 3.1.0
info: { title: Example, version: "1" }
paths:
  /report:
    get:
      operationId: getReport
      responses:
        "200": { description: A report, content: { application/json: { schema: { $ref: "#/components/schemas/Report" } } } }
components:
  schemas:
    Report: { type: object, properties: { name: { type: string }, files: { type: array } } }
YAML
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check openapi-python-client==0.29.1
echo 'post_hooks: []' >config.yaml
venv/bin/openapi-python-client generate --path openapi.yaml --output-path client --meta none --config config.yaml >log 2>&1
cat log
if grep -q "type array must have items or prefixItems defined" log && [ ! -e client/models/report.py ] && ! grep -q Report client/api/default/get_report.py; then
    exit 0
fi
echo "changed: the schema is in the client" >&2
exit 1
