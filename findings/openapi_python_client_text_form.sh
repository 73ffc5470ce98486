#!/bin/sh
# openapi-python-client 0.29.1: a form whose schema is a text becomes a call that cannot be made.
#
# Input: a body of the type application/x-www-form-urlencoded with the schema `{type: string}`, for
# a caller who encodes the form.
# Expected: a call that sends the text, or a refusal to generate one.
# Seen: the call is generated without a warning, takes a `str`, and raises AttributeError, as it
# calls `to_dict` of the text. A schema that is an object works. Wants Python 3.11 or later with
# venv.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat >openapi.yaml <<'YAML'
openapi: 3.1.0
info: { title: Example, version: "1" }
paths:
  /token:
    post:
      operationId: getToken
      requestBody: { required: true, content: { application/x-www-form-urlencoded: { schema: { type: string } } } }
      responses: { "204": { description: Done } }
YAML
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check openapi-python-client==0.29.1
echo 'post_hooks: []' >config.yaml
venv/bin/openapi-python-client generate --path openapi.yaml --output-path client --meta none --config config.yaml >log 2>&1
cat log
cat >call.py <<'PYTHON'
import sys
from client.api.default import get_token
try:
    print(get_token._get_kwargs(body="grant_type=client_credentials"))
except AttributeError as error:
    print(error)
    sys.exit(0 if "to_dict" in str(error) else 1)
sys.exit("changed: the call takes a text")
PYTHON
! grep -qi warning log
venv/bin/python call.py
