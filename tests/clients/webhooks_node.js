// The published verifiers of webhooks for Node.js, unpatched. Reads requests as JSON from standard
// input: {"secret", "requests": [{"headers", "body"}]}. Prints nothing on success.

"use strict";

const assert = require("node:assert/strict");
const { Webhook: StandardWebhook } = require("standardwebhooks");
const { Webhook: SvixWebhook } = require("svix");

const { secret, requests } = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
assert.ok(requests.length > 0);
for (const { headers, body } of requests) {
  for (const Webhook of [StandardWebhook, SvixWebhook]) {
    const webhook = new Webhook(secret);
    const event = webhook.verify(body, headers);
    assert.equal(event.id, headers["webhook-id"]);
    assert.throws(() => webhook.verify(body + " ", headers));
    assert.throws(() => webhook.verify(body, { ...headers, "webhook-id": "evt_1_1" }));
    assert.throws(() => new Webhook("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").verify(body, headers));
  }
}
