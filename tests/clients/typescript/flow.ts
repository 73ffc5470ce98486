// Gets a token, logs a dispute and reads it, with generated code only. CLIENT names the client.
// Needs URL, KEY, SECRET, USERNAME, PASSWORD and REFERENCE, too. Prints nothing on success.

import assert from "node:assert/strict";
import createFetch from "openapi-fetch";
import type { paths } from "./openapi-typescript";
import { getLoggedDispute, getToken, logDispute, type ArbiterLogRequest, type TokenRequest } from "./hey-api";
import { createClient, createConfig } from "./hey-api/client";
import * as generator from "./openapi-generator";

const { CLIENT, URL: url, KEY, SECRET, USERNAME, PASSWORD, REFERENCE } = process.env as Record<string, string>;
const sign_in: TokenRequest = { grant_type: "password", username: USERNAME, password: PASSWORD };
const request: ArbiterLogRequest = {
  transactionType: "BillPayment",
  transactionReference: REFERENCE,
  disputeAmountType: "PARTIAL",
  disputeAmount: "1000",
  reasonCode: "AP",
  category: "Chargeback",
  comment: "Logged by a client",
};

interface Read {
  logCode?: string;
  disputeAmount?: string;
  journal?: { addedBy: string }[];
}

/** Each gets a token, logs, and reads what it has logged. */
const clients: Record<string, () => Promise<Read>> = {
  "hey-api": async () => {
    const basic = createClient(createConfig({ baseUrl: url, auth: `${KEY}:${SECRET}`, throwOnError: true }));
    const token = await getToken({ client: basic, body: sign_in, throwOnError: true });
    const auth = token.data.access_token;
    const client = createClient(createConfig({ baseUrl: url, auth, throwOnError: true }));
    const logged = await logDispute({ client, body: request, throwOnError: true });
    const path = { logCode: logged.data.logCode! };
    return (await getLoggedDispute({ client, path, throwOnError: true })).data;
  },

  "openapi-fetch": async () => {
    const client = createFetch<paths>({ baseUrl: url });
    const basic = {
      Authorization: `Basic ${btoa(`${KEY}:${SECRET}`)}`,
      "Content-Type": "application/x-www-form-urlencoded",
    };
    const token = await client.POST("/passport/oauth/token", { body: sign_in, headers: basic });
    const headers = { Authorization: `Bearer ${token.data!.access_token}` };
    const logged = await client.POST("/arbiter/api/v1/disputes", { body: request, headers });
    const params = { path: { logCode: logged.data!.logCode! } };
    return (await client.GET("/arbiter/api/v1/disputes/{logCode}", { params, headers })).data!;
  },

  "openapi-generator": async () => {
    // The class is named after the calls' tag, which may change.
    const classes = Object.values(generator) as unknown as { prototype?: object }[];
    const Api = classes.find((one) => one.prototype && "getToken" in one.prototype) as any;
    const basic = new Api(new generator.Configuration({ basePath: url, username: KEY, password: SECRET }));
    const token = await basic.getToken({ grantType: "password", username: USERNAME, password: PASSWORD });
    const accessToken = token.accessToken as string;
    const api = new Api(new generator.Configuration({ basePath: url, accessToken }));
    const logged = await api.logDispute({ arbiterLogRequest: request });
    return await api.getLoggedDispute({ logCode: logged.logCode });
  },
};

async function main() {
  const read = await clients[CLIENT]!();
  assert.equal(read.disputeAmount, "NGN 1,000.00");
  assert.equal(read.journal![0]!.addedBy, `${USERNAME}@FBN`);
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
