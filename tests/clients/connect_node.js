// The official Node.js SDK of the Connect API's vendor, unpatched. It sends uploads in chunks
// without a length, and signs a Content-Type on GET. Needs CONNECT_URL, CONNECT_KEY,
// CONNECT_SECRET, CONNECT_MERCHANT and CONNECT_PAYMENT. Prints nothing on success.

"use strict";

const assert = require("node:assert/strict");
const { Readable } = require("node:stream");
const { init } = require("connect-sdk-nodejs");

const { CONNECT_URL, CONNECT_KEY, CONNECT_SECRET, CONNECT_MERCHANT: merchant, CONNECT_PAYMENT: payment } = process.env;
const url = new URL(CONNECT_URL);
const client = init({
  host: url.hostname,
  scheme: "http",
  port: Number(url.port),
  apiKeyId: CONNECT_KEY,
  secretApiKey: CONNECT_SECRET,
  integrator: "Recourse",
});

const PDF = Buffer.concat([Buffer.from("%PDF-1.7\n"), Buffer.alloc(1_500_000, Buffer.from([...Array(256).keys()]))]);

async function whole(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function done(answer, status) {
  assert.deepEqual([answer.status, answer.isSuccess], [status, true], answer.isSuccess ? "" : JSON.stringify(answer.body));
  return answer.body;
}

function refused(answer, status, ...codes) {
  assert.equal(answer.isSuccess, false);
  assert.deepEqual([answer.status, answer.body.errors.map((error) => error.code)], [status, codes]);
}

async function main() {
  const { payments, disputes, files } = client.v1;
  const contact = { contactPerson: "Wile Coyote", emailAddress: "wile.e.coyote@acmelabs.com" };
  refused(await payments.dispute(merchant, payment, {}, null), 400, "310400001", "310400001");
  const context = { idempotence: { key: "node" } };
  const draft = done(await payments.dispute(merchant, payment, contact, context), 201);
  assert.equal(done(await payments.dispute(merchant, payment, contact, { idempotence: { key: "node" } }), 201).id, draft.id);
  refused(await payments.dispute(merchant, payment, contact, null), 409, "310409001");
  assert.equal(done(await payments.disputes(merchant, payment, null), 200).disputes[0].id, draft.id);

  for (const content of [PDF, Readable.from([PDF.subarray(0, 1_000_000), PDF.subarray(1_000_000)])]) {
    const file = { fileName: "plan für \"B\".pdf", contentType: "application/pdf", content };
    const uploaded = done(await disputes.uploadFile(merchant, draft.id, { file }, null), 201);
    const downloaded = await whole(done(await files.getFile(merchant, uploaded.fileId, null), 200));
    assert.ok(downloaded.equals(PDF), "byte for byte");
  }
  const parts = { fileName: "plan; part 1 of 2.pdf", contentType: "application/pdf", content: PDF };
  const { fileId } = done(await disputes.uploadFile(merchant, draft.id, { file: parts }, null), 201);
  const answer = await files.getFile(merchant, fileId, null);
  done(answer, 200).resume();
  assert.equal(answer.file.filename, "plan_ part 1 of 2.pdf", "a semicolon ends no name");

  const page = { fileName: "page.pdf", contentType: "application/pdf", content: "<html>" };
  refused(await disputes.uploadFile(merchant, draft.id, { file: page }, null), 400, "310400001");
  const large = { fileName: "a.pdf", contentType: "application/pdf", content: Buffer.concat([PDF, PDF, PDF]) };
  refused(await disputes.uploadFile(merchant, draft.id, { file: large }, null), 400, "310400002");
  refused(await disputes.uploadFile(merchant, "7", { file: large }, null), 400, "310400002");

  assert.equal(done(await disputes.submit(merchant, draft.id, null), 200).status, "CREATED");
  assert.equal(done(await disputes.get(merchant, draft.id, null), 200).disputeOutput.files.length, 3);
  refused(await disputes.submit(merchant, draft.id, null), 400, "310400200");
  assert.equal(done(await disputes.cancel(merchant, draft.id, null), 200).status, "CANCELLED");
  refused(await disputes.get("1003", draft.id, null), 403, "9007");
  refused(await disputes.get(merchant, "7", null), 404, "310404001");
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
