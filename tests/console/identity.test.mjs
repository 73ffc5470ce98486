// The sign-in at an identity provider that others wrote (oidc-provider), in a browser, on a local
// cloud of its own. What is refused at which step, tests/e2e has.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";

import { Cloud } from "./cloud.mjs";

// By require, which looks where NODE_PATH says.
const require = createRequire(import.meta.url);
const { chromium } = require("playwright-core");
const AXE = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const RECOURSE = join(dirname(fileURLToPath(import.meta.url)), "../../target/debug/recourse");
const SECRET = "a secret of 40 characters, with % and :.".replaceAll(" ", "-");
const AISYAH = "aisyah@demo.recourse.example";

let browser;
let cloud;
let server;
/** The addresses that the provider has not verified. */
const unverified = new Set();

before(async () => {
  const { default: Provider } = await import(pathToFileURL(require.resolve("oidc-provider")));
  server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const issuer = `http://127.0.0.1:${server.address().port}`;
  cloud = await Cloud.start([], { OidcIssuer: issuer, OidcClientId: "recourse" });
  const provider = new Provider(issuer, {
    clients: [{ client_id: "recourse", client_secret: SECRET, redirect_uris: [`${cloud.url}/console/sign-in/callback`] }],
    pkce: { required: () => true },
    claims: { openid: ["sub"], email: ["email", "email_verified"] },
    // Whoever types an address has it. Each address is a person.
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({ sub: `person-${id}`, email: id, email_verified: !unverified.has(id) }),
    }),
  });
  server.on("request", provider.callback());
  execFileSync(RECOURSE, ["operator", "identity-secret", "--by", "tests"], { cwd: cloud.folder, input: SECRET });
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox"] });
});

after(async () => {
  await browser?.close();
  await cloud?.stop();
  server?.close();
  server?.closeAllConnections();
});

/** Signs in at the provider as whoever has the address, in a browser of its own. */
async function signIn(email, look = {}) {
  const page = await (await browser.newContext(look)).newPage();
  page.setDefaultTimeout(60_000);
  await page.goto(`${cloud.url}/console`);
  await page.getByRole("link", { name: "Sign in at 127.0.0.1" }).click();
  await page.locator("input[name=login]").fill(email);
  await page.locator("input[name=password]").fill("any");
  await page.locator("button[type=submit]").click();
  await page.getByText("Continue").click();
  await page.waitForURL(`${cloud.url}/console/**`);
  return page;
}

test("an operator signs in, and again while the provider knows who it is", async () => {
  const page = await signIn(AISYAH);
  await page.waitForURL("**/console/queue**");
  assert.match(await page.locator("header").innerText(), /Aisyah/);
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("link", { name: "Sign in at 127.0.0.1" }).click();
  await page.waitForURL("**/console/queue**");
  await page.context().close();
});

test("a stranger, and an address that is not verified, are refused with the same words", async () => {
  unverified.add("ben@demo.recourse.example");
  const texts = [];
  for (const email of ["nobody@stranger.example", "ben@demo.recourse.example"]) {
    const page = await signIn(email);
    await page.getByRole("alert").waitFor();
    texts.push(await page.locator("main").innerText());
    await page.context().close();
  }
  assert.match(texts[0], /You are not signed in/);
  assert.equal(texts[0], texts[1]);
});

for (const colorScheme of ["light", "dark"]) {
  for (const width of [1280, 390]) {
    test(`axe-core finds nothing serious on the sign-in, ${colorScheme}, at ${width} pixels`, async () => {
      const page = await (await browser.newContext({ colorScheme, viewport: { width, height: 900 } })).newPage();
      for (const path of ["/console/sign-in", "/console/sign-in?sent", "/console/sign-in/callback"]) {
        await page.goto(cloud.url + path);
        await page.evaluate(() => { for (const details of document.querySelectorAll("details")) details.open = true; });
        await page.evaluate(AXE);
        const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
        const serious = violations.filter(({ impact }) => ["serious", "critical"].includes(impact));
        assert.deepEqual(serious.map(({ id, nodes }) => `${id}: ${nodes[0].failureSummary}`), [], path);
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        assert.ok(overflow <= 0, `${path} is ${overflow} pixels wider than the window`);
      }
      await page.context().close();
    });
  }
}
