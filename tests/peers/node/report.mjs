// POST /v2/transactions/check in Node.js, as a team would write it with the AWS SDK and Powertools.
//
// It does what iimmpact-report does: headers, clock, HMAC, nonce, body, the transaction's facts,
// and one TransactWriteItems with the transaction's status, the lock, the dispute, its link, its
// place in the account's list, its history and its mail. Two things are simpler than in
// iimmpact-report, in favour of this function: its key is a variable of its environment, so that it
// needs neither KMS nor a read for it, and addresses are hardly checked.
//
// Powertools refuses a nonce that was used (NONCE=powertools): a record of its own, written before
// and after. With NONCE=transaction the nonce is one more item of the transaction, as it is in
// iimmpact-report, and no record is written.

import { createHash, createHmac, randomBytes, randomInt, timingSafeEqual } from "node:crypto";
import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
} from "@aws-sdk/client-dynamodb";
import {
  IdempotencyAlreadyInProgressError,
  IdempotencyConfig,
  makeIdempotent,
} from "@aws-lambda-powertools/idempotency";
import { DynamoDBPersistenceLayer } from "@aws-lambda-powertools/idempotency/dynamodb";

const DISPUTES = process.env.DISPUTES_TABLE;
const EPHEMERAL = process.env.EPHEMERAL_TABLE;
const WINDOW_S = Number(process.env.CLOCK_WINDOW_SECONDS);
// By key id: secret (base64), account, environment and the account's address.
const KEYS = new Map(Object.entries(JSON.parse(process.env.API_KEYS)));
const WITH_POWERTOOLS = process.env.NONCE === "powertools";

// How long a nonce is remembered: longer than the longest window, 900 seconds.
const NONCE_S = 960;
const MAX_BODY = 64 * 1024;
const MAX_ADDRESSES = 49;
const NONCE = /^[\x21-\x2b\x2d-\x39\x3b-\x7e]{16,128}$/;
const SIGNATURE = /^v1=([A-Za-z0-9+/]{43}=)$/;
const TIMESTAMP = /^[0-9]{1,12}$/;
const ADDRESS = /^[^@\s]{1,64}@[^@\s]{1,190}$/;

const CREATED =
  "We've received your request for a status update and are in the midst of checking with the relevant service provider. We'll keep you updated on the status of your request via email.";
const DUPLICATE =
  "Sorry, a support request has already been created for this transaction. We're working on it and will provide an update shortly.";
const REFUSED = "Sorry, Report Issue is not available for this transaction.";

const dynamodb = new DynamoDBClient({ maxAttempts: 3 });

const answer = (status, body) => ({ status, body });
const refused = (error, message) => answer(401, { error, message });
const REPLAYED = refused("replayed_nonce", "X-Nonce was used before; every request needs a fresh one.");
const INVALID = refused("invalid_credentials", "The API key or the signature is not valid.");
const about = (refid, status, message) => answer(200, { data: { refid, status, message } });
const invalid = (field, message) =>
  answer(400, { message: "The given data was invalid.", errors: { [field]: [message] } });

function canonicalQuery(raw) {
  const split = (pair) => {
    const at = pair.indexOf("=");
    return at < 0 ? [pair, ""] : [pair.slice(0, at), pair.slice(at + 1)];
  };
  const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
  const pairs = raw.split("&").map((pair) => [pair, ...split(pair)]);
  return pairs
    .sort((a, b) => compare(a[1], b[1]) || compare(a[2], b[2]))
    .map(([pair]) => pair)
    .join("&");
}

// The key that signed the request, or the refusal.
function authenticate(event, body, now) {
  const values = {};
  for (const name of ["x-api-key", "x-timestamp", "x-nonce", "x-signature"]) {
    values[name] = event.headers[name];
    if (!values[name]) return { wrong: refused("missing_header", `The header ${name} is missing.`) };
  }
  const signature = SIGNATURE.exec(values["x-signature"]);
  if (!signature || !NONCE.test(values["x-nonce"]) || !TIMESTAMP.test(values["x-timestamp"])) {
    return { wrong: refused("malformed_header", "A header of the signature is malformed.") };
  }
  if (Math.abs(now - Number(values["x-timestamp"])) > WINDOW_S) {
    const message = `X-Timestamp must be within ${WINDOW_S} seconds of the current time.`;
    return { wrong: refused("stale_timestamp", message) };
  }
  const key = KEYS.get(values["x-api-key"]);
  // A stranger's key costs as much as a known one.
  const secret = Buffer.from(key ? key.secret : "AAAA", "base64");
  const digest = createHash("sha256").update(body).digest("base64");
  const { method } = event.requestContext.http;
  const query = canonicalQuery(event.rawQueryString);
  const signed = `v1:${values["x-timestamp"]}:${values["x-nonce"]}:${method}:${query}:${digest}`;
  const expected = createHmac("sha256", secret).update(signed).digest();
  const sent = Buffer.from(signature[1], "base64");
  if (!timingSafeEqual(expected, sent) || !key) return { wrong: INVALID };
  return { caller: { ...key, id: values["x-api-key"], nonce: values["x-nonce"] } };
}

// The report in a body, or what is wrong with it.
function read(body, accountAddress) {
  if (body.length > MAX_BODY) return { wrong: invalid("body", "The request body is too large.") };
  let fields;
  try {
    fields = JSON.parse(body.toString("utf8"));
  } catch {
    return { wrong: invalid("body", "The request body must be JSON.") };
  }
  if (typeof fields !== "object" || fields === null || Array.isArray(fields)) {
    return { wrong: invalid("body", "The request body must be an object.") };
  }
  const { refid } = fields;
  const addresses = fields.user_email ?? [];
  if (typeof refid !== "string" || refid.length === 0 || refid.length > 50) {
    return { wrong: invalid("trxid", "The refid must be a text.") };
  }
  if (!Array.isArray(addresses) || addresses.length > MAX_ADDRESSES) {
    return { wrong: invalid("user_email", "The user_email must be an array of email addresses.") };
  }
  const bad = addresses.findIndex((address) => typeof address !== "string" || !ADDRESS.test(address));
  if (bad >= 0) return { wrong: invalid(`user_email.${bad}`, "This must be a valid email address.") };
  const [to, ...cc] = [...(addresses.length > 0 ? addresses : [accountAddress]), accountAddress];
  return { report: { refid, to, cc } };
}

const part = (text) => text.replaceAll("%", "%25").replaceAll("#", "%23");

const put = (TableName, pk, sk, kind, attributes) => ({
  Put: {
    TableName,
    Item: { PK: { S: pk }, SK: { S: sk }, item: { S: kind }, schema: { N: "1" }, ...attributes },
    ConditionExpression: "attribute_not_exists(PK)",
    ReturnValuesOnConditionCheckFailure: "ALL_OLD",
  },
});

function noncePut(caller, now) {
  const key = `NONCE#${caller.id}#${part(caller.nonce)}`;
  return put(EPHEMERAL, key, key, "nonce", { expires_at: { N: String(now + NONCE_S) } });
}

// All that a report writes, in the order of rank.
function writes(caller, report, facts, number, nowMs) {
  const { account } = caller;
  const transaction = `TXN#${caller.environment}#${part(facts.trxid.S)}`;
  const numbered = { N: String(number) };
  const at = { N: String(nowMs) };
  const digits = (value) => String(value).padStart(15, "0");
  const summary = {
    number: numbered,
    channel: { S: "iimmpact" },
    state: { S: "open" },
    opener: { S: account },
    opened_at: at,
    amount: facts.amount,
  };
  const recipients = { M: { to: { S: report.to }, cc: { L: report.cc.map((address) => ({ S: address })) } } };
  const dispute = { ...summary, version: { N: "1" }, facts: { M: facts }, recipients };
  const by = { M: { actor: { S: "opener" }, name: { S: caller.id } } };
  const mail = {
    template: { S: "case_opened" },
    recipients,
    facts: { M: facts },
    mail_state: { S: "pending" },
    attempts: { N: "0" },
    enqueued_at: at,
    changed_at: at,
    outbox_shard: { S: `pending${number % 8}` },
    outbox_due: at,
  };
  return [
    {
      ConditionCheck: {
        TableName: DISPUTES,
        Key: { PK: { S: transaction }, SK: { S: "TXN" } },
        ConditionExpression: "transaction_status = :status",
        ExpressionAttributeValues: { ":status": { S: "Succesful" } },
        ReturnValuesOnConditionCheckFailure: "ALL_OLD",
      },
    },
    put(DISPUTES, transaction, "LIVE", "active_lock", { dispute: numbered, opener: { S: account } }),
    put(DISPUTES, `DSP#${number}`, "DSP", "dispute", dispute),
    put(DISPUTES, transaction, `DSP#${number}`, "link", summary),
    put(DISPUTES, `PTY#account#${part(account)}`, `${digits(nowMs)}#${digits(number)}`, "listed", summary),
    put(DISPUTES, `DSP#${number}`, "EVT#0000000001", "event", { kind: { S: "opened" }, by, at }),
    put(DISPUTES, `DSP#${number}`, "MAIL#0000000001", "mail", mail),
  ];
}

async function open(caller, report, facts, now) {
  const refid = facts.refid.S;
  const more = WITH_POWERTOOLS ? [] : [noncePut(caller, now)];
  const failed = (reason) => reason?.Code === "ConditionalCheckFailed";
  for (;;) {
    const items = writes(caller, report, facts, randomInt(2 ** 40), Date.now());
    let reasons;
    try {
      const ClientRequestToken = randomBytes(16).toString("hex");
      await dynamodb.send(new TransactWriteItemsCommand({ TransactItems: [...items, ...more], ClientRequestToken }));
      return about(refid, "Success", CREATED);
    } catch (error) {
      if (!(error instanceof TransactionCanceledException)) throw error;
      reasons = error.CancellationReasons;
    }
    if (more.length > 0 && failed(reasons.at(-1))) return REPLAYED;
    if (failed(reasons[0])) return (await useNonce(caller, now)) ?? about(refid, "Failed", REFUSED);
    if (failed(reasons[1])) return (await useNonce(caller, now)) ?? about(refid, "Failed", DUPLICATE);
    if (!failed(reasons[2])) throw new Error(`the write was refused: ${JSON.stringify(reasons)}`);
  }
}

// Uses up the nonce of a request that writes nothing else. Powertools has done so already.
async function useNonce(caller, now) {
  if (WITH_POWERTOOLS) return undefined;
  try {
    await dynamodb.send(new PutItemCommand(noncePut(caller, now).Put));
    return undefined;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return REPLAYED;
    throw error;
  }
}

async function handle(_nonce, caller, body, now) {
  const { report, wrong } = read(body, caller.email);
  if (wrong) return (await useNonce(caller, now)) ?? wrong;
  const key = `REF#${caller.environment}#${part(caller.account)}#${part(report.refid)}`;
  const get = { TableName: DISPUTES, Key: { PK: { S: key }, SK: { S: "REF" } }, ConsistentRead: true };
  const { Item: pointer } = await dynamodb.send(new GetItemCommand(get));
  if (!pointer) return (await useNonce(caller, now)) ?? invalid("trxid", "The transaction does not exist.");
  return open(caller, report, pointer.facts.M, now);
}

// A nonce that is known leads to a refusal, not to the answer that is stored.
const config = new IdempotencyConfig({ expiresAfterSeconds: NONCE_S, responseHook: () => REPLAYED });
const handleOnce = WITH_POWERTOOLS
  ? makeIdempotent(handle, {
      persistenceStore: new DynamoDBPersistenceLayer({
        tableName: process.env.IDEMPOTENCY_TABLE,
        awsSdkV3Client: dynamodb,
      }),
      dataIndexArgument: 0,
      config,
    })
  : handle;

export async function handler(event, context) {
  const now = Math.floor(Date.now() / 1000);
  const body = Buffer.from(event.body ?? "", event.isBase64Encoded ? "base64" : "utf8");
  const { caller, wrong } = authenticate(event, body, now);
  let result = wrong;
  if (caller) {
    config.registerLambdaContext(context);
    try {
      result = await handleOnce(`${caller.id}#${caller.nonce}`, caller, body, now);
    } catch (error) {
      if (!(error instanceof IdempotencyAlreadyInProgressError)) throw error;
      result = REPLAYED;
    }
  }
  console.log(JSON.stringify({ level: "INFO", message: "request", api: "iimmpact", status: result.status }));
  return {
    statusCode: result.status,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(result.body),
    isBase64Encoded: false,
  };
}
