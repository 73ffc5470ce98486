#!/bin/sh
# openapi-generator 7.26.0: a webhook takes the place of all calls that have its tag.
#
# Input: a call `getOrder` and a webhook `orderChanged`, both with the tag `Orders`. In a second
# document the webhook has a tag of its own.
# Expected: a class of the tag with the call, whatever is made of the webhook.
# Seen: the class `OrdersApi` of the Python client has `order_changed`, a request to the path
# `orderChanged`, and no `get_order`. With a tag of its own the webhook leaves the call alone.
# Wants Java 11 and Python 3.10 or later with venv.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

document() {
    cat <<YAML
openapi: 3.1.0
info: { title: Example, version: "1" }
paths:
  /order: { get: { tags: [Orders], operationId: getOrder, responses: { "204": { description: Done } } } }
webhooks:
  orderChanged: { post: { tags: [$1], operationId: orderChanged, responses: { "204": { description: Done } } } }
YAML
}
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check openapi-generator-cli==7.26.0
for tag in Orders Webhooks; do
    document "$tag" >"$tag.yaml"
    venv/bin/openapi-generator-cli generate --input-spec "$tag.yaml" --generator-name python --output "$tag" --package-name example >log 2>&1
    echo "$tag: $(grep -ho 'def [a-z_]*(' "$tag"/example/api/orders_api.py | sort -u | tr '\n' ' ')"
done
if grep -q "def order_changed(" Orders/example/api/orders_api.py && ! grep -q "def get_order(" Orders/example/api/orders_api.py &&
    grep -q "def get_order(" Webhooks/example/api/orders_api.py; then
    exit 0
fi
echo "changed: the call is in the class of its tag" >&2
exit 1
