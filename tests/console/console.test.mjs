// The console in a browser, as its people use it, on a local cloud of its own.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";

import { Cloud, until } from "./cloud.mjs";
import { HOSTILE, NAMES, UNSEEN } from "./hostile.mjs";

// By require, which looks where NODE_PATH says.
const require = createRequire(import.meta.url);
const { chromium } = require("playwright-core");
const AXE = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
/** A PNG of 16 pixels by 16. */
const PICTURE = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAAAAAA6mKC9AAAAEklEQVR4nGNoIAAYRhWMKiBWAQDoLoAB2HUaKQAAAABJRU5ErkJggg==",
  "base64",
);

const HOSTILE_NAMES = [NAMES[0], NAMES[10], NAMES[18], NAMES[29], NAMES[43], NAMES[67]];
const customer = (name) => `${name}@customer.example`;

let cloud;
let browser;
/** What went wrong in any page: requests to elsewhere, errors of scripts, what the policy refused. */
const faults = [];

function transaction(trxid, refid, product) {
  return {
    trxid, account: "acct_demo", refid, status: "Succesful", kind: "other", product, amount: "50.00", currency: "MYR",
    occurred_at: "D-2T02:00:00Z", updated_at: "D-2T02:00:03Z",
  };
}

/** A browser of its own: nothing is shared with another one. */
async function newBrowser(look = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...look });
  context.setDefaultTimeout(60_000);
  context.on("request", (request) => {
    const { protocol, hostname } = new URL(request.url());
    const isHere = protocol === "http:" && hostname === "127.0.0.1";
    if (!isHere && !["about:", "data:", "blob:"].includes(protocol)) faults.push(`a request to ${request.url()}`);
  });
  context.on("dialog", (dialog) => faults.push(`a dialog: ${dialog.message()}`));
  context.on("weberror", (error) => faults.push(`an error of a script: ${error.error()}`));
  context.on("console", (message) => {
    if (/Content Security Policy|Refused to/.test(message.text())) faults.push(`${message.page()?.url()}: ${message.text()}`);
  });
  return context;
}

/** Signs one of the demo's people in, in a browser of its own, and shows the queue. */
async function signIn(role, look) {
  const context = await newBrowser(look);
  const page = await context.newPage();
  await page.goto((await cloud.link(role)).url);
  await page.waitForURL("**/console/queue**");
  return page;
}

/** Opens a path of the console. */
async function show(page, path) {
  return page.goto(cloud.url + path);
}

/** Sends a form as a page of the console would, whatever the page offers. */
async function post(page, path, fields) {
  return page.evaluate(async ({ path, fields }) => {
    const answer = await fetch(path, { method: "POST", body: new URLSearchParams(fields), redirect: "manual" });
    return { status: answer.status, isLedOn: answer.type === "opaqueredirect" };
  }, { path, fields });
}

const csrf = (page) => page.locator("input[name=csrf]").first().inputValue();

/** A case that waits for an agent, as its customer answered with this text and these files. */
async function waitingCase(refid, name, text, files) {
  await cloud.report(refid, customer(name));
  await until(`the first mail to ${name}`, async () => (await cloud.mails(customer(name))).length > 0);
  await cloud.advance("1m");
  const first = (await cloud.mails(customer(name)))[0];
  const id = /RC-[0-9a-z]+/.exec(first.subject)[0];
  await cloud.reply(customer(name), text, files);
  return id;
}

/** The ids of the cases in the list that waits for agents, in the order of the page. */
async function waiting(page) {
  await show(page, "/console/queue");
  return page.locator("#rows td a[href^='/console/cases/']").allTextContents();
}

const cases = {};

before(async () => {
  const executablePath = process.env.CHROMIUM;
  assert.ok(executablePath, "CHROMIUM names the browser's program: run make test-console");
  // As root, Chromium needs to be told that it has no sandbox.
  const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  browser = await chromium.launch({ executablePath, args });
  const hostile = HOSTILE_NAMES.map(({ mark, text }, at) => transaction(`console-h${at}`, `hostile-${at}`, `${mark} ${text}`));
  cloud = await Cloud.start([
    transaction("console-1", "walk-1", "Phone case"),
    transaction("console-2", "walk-2", "Phone case"),
    transaction("console-3", "walk-3", "Phone case"),
    ...hostile,
  ]);
  const photo = [{ name: "photo.png", media: "image/png", bytes: PICTURE }];
  cases.first = await waitingCase("walk-1", "lim", "It does not fit, look at the picture. Who can help me?", photo);
  const page = await signIn("agent");
  await until("the first case waits for an agent", async () => (await waiting(page)).includes(cases.first));
  cases.second = await waitingCase("walk-2", "tan", "Nobody delivered it, what shall I do now?", []);
  cases.third = await waitingCase("walk-3", "ong", "The parcel was empty, please look into it?", []);
  await until("all cases wait for an agent", async () => {
    const ids = await waiting(page);
    return ids.includes(cases.second) && ids.includes(cases.third);
  });
  await page.context().close();
});

after(async () => {
  await browser?.close();
  await cloud?.stop();
});

test("an agent takes the oldest case, looks at its picture, replies and resolves it", async () => {
  const page = await signIn("agent");
  const name = (await page.locator(".who b").textContent()).trim();
  const oldest = page.locator("#rows td a[href^='/console/cases/']").first();
  assert.equal(await oldest.textContent(), cases.first);
  await oldest.click();
  await page.waitForURL(`**/console/cases/${cases.first}`);
  const seen = page.locator("#thread img").first();
  await seen.scrollIntoViewIfNeeded();
  await until("the picture", () => seen.evaluate((image) => image.complete && image.naturalWidth === 16));
  await page.getByRole("button", { name: "Take the case" }).click();
  await page.getByText("yours", { exact: true }).waitFor();

  await page.getByLabel("Your words to the customer").fill("Thank you for the picture. We are looking into it.");
  await page.getByRole("button", { name: "Preview" }).click();
  await page.getByText("This is how the mail will arrive").waitFor();
  assert.match(await page.locator("article.mail").innerText(), /Thank you for the picture/);
  assert.match(await page.locator("article.mail dl").innerText(), new RegExp(cases.first));
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await page.waitForURL(`**/console/cases/${cases.first}?done=*`);
  assert.match(await page.locator("#thread").innerText(), /Thank you for the picture/);
  assert.match(await page.locator("#thread").innerText(), new RegExp(name));

  // The mail is in the inbox, in the thread of the first one.
  const reply = await until("the reply", async () =>
    (await cloud.mails(customer("lim"))).find((mail) => mail.text.includes("Thank you for the picture")));
  const [first] = await cloud.mails(customer("lim"));
  const header = (mail, name) => Object.entries(mail.headers).find(([known]) => known.toLowerCase() === name)?.[1] ?? "";
  const thread = header(reply, "references");
  assert.ok(thread.includes(first.id), `${thread} names ${first.id}`);
  assert.ok(reply.subject.includes(cases.first), reply.subject);
  await page.goto(`${cloud.url}/inbox/${encodeURIComponent(reply.id)}`);
  assert.match(await page.locator("h1").innerText(), new RegExp(cases.first));

  await show(page, `/console/cases/${cases.first}`);
  await page.getByLabel("for the customer").check();
  await page.getByLabel("Why; the customer").fill("The shop sent the wrong case.");
  await page.getByRole("button", { name: "Resolve for good" }).click();
  await page.waitForURL(`**/console/cases/${cases.first}?done=*`);
  assert.match(await page.locator(".case-head").innerText(), /resolved/i);
  assert.ok(!(await waiting(page)).includes(cases.first));
  await page.context().close();
});

test("two agents on one case: the second is told, and the customer gets one mail", async () => {
  const [one, two] = [await signIn("agent"), await signIn("supervisor")];
  for (const page of [one, two]) await show(page, `/console/cases/${cases.second}`);
  await one.getByLabel("Your words to the customer").fill("First: we ask the courier.");
  await one.getByRole("button", { name: "Send", exact: true }).click();
  await one.waitForURL("**?done=*");
  await two.getByLabel("Your words to the customer").fill("Second: we ask the courier, too.");
  await two.getByRole("button", { name: "Send", exact: true }).click();
  await two.getByText("the case has changed since you opened it").waitFor();
  assert.match(await two.locator("main").innerText(), /First: we ask the courier/);
  assert.equal(await two.getByLabel("What you wrote").inputValue(), "Second: we ask the courier, too.");
  await until("the mail", async () => (await cloud.mails(customer("tan"))).some((mail) => mail.text.includes("First:")));
  assert.ok(!(await cloud.mails(customer("tan"))).some((mail) => mail.text.includes("Second:")));

  // A form that is sent twice is written once.
  await show(one, `/console/cases/${cases.second}`);
  const form = one.locator("form", { has: one.getByRole("button", { name: "Store the note" }) });
  const fields = { text: "A note that is stored once", do: "note" };
  for (const name of ["csrf", "seen", "submission"]) fields[name] = await form.locator(`input[name=${name}]`).inputValue();
  for (let time = 0; time < 2; time += 1) {
    const sent = await post(one, `/console/cases/${cases.second}`, fields);
    assert.ok(sent.isLedOn, JSON.stringify(sent));
  }
  await show(one, `/console/cases/${cases.second}`);
  assert.equal(await one.locator("#thread").getByText("A note that is stored once").count(), 1);
  for (const page of [one, two]) await page.context().close();
});

test("a supervisor gives a case to another agent", async () => {
  const page = await signIn("supervisor");
  await show(page, `/console/cases/${cases.third}`);
  const to = page.getByLabel("Hand over to");
  const names = await to.locator("option").allTextContents();
  const name = names.at(-1).trim();
  await to.selectOption(name);
  await page.getByRole("button", { name: "Hand over" }).click();
  await page.waitForURL("**?done=*");
  assert.match(await page.locator(".case-head").innerText(), new RegExp(name));
  await page.context().close();
});

test("an auditor reads all and changes nothing, and what is refused is in the audit log", async () => {
  const page = await signIn("auditor");
  await show(page, `/console/cases/${cases.third}`);
  assert.match(await page.locator("#thread").innerText(), /The parcel was empty/);
  for (const name of ["Take the case", "Send", "Hand over", "Resolve for good", "Store the note"]) {
    assert.equal(await page.getByRole("button", { name, exact: true }).count(), 0, name);
  }
  const fields = { csrf: await csrf(page), seen: "1.1", submission: "x".repeat(22) };
  const path = `/console/cases/${cases.third}`;
  for (const order of [{ do: "take" }, { do: "reply", text: "x" }, { do: "resolve", side: "customer", text: "x" }, { do: "assign", to: "Ben" }]) {
    assert.equal((await post(page, path, { ...fields, ...order })).status, 403, order.do);
  }
  assert.equal((await post(page, "/console/queue", { ...fields, do: "take", case: cases.third })).status, 403);
  await show(page, "/console/audit");
  const log = await page.locator("main").innerText();
  assert.match(log, /refused: role|role/);
  assert.match(log, new RegExp(cases.third));
  await page.context().close();
});

test("what is not this browser's, this session's or this page's is refused and audited", async () => {
  const page = await signIn("agent");
  const path = `/console/cases/${cases.third}`;
  await show(page, path);
  for (const token of ["", "AAAA", "x".repeat(43)]) {
    assert.equal((await post(page, path, { csrf: token, do: "take" })).status, 403, `csrf ${token}`);
  }
  // A page of somebody else's sends the form: the browser says so.
  const other = await page.context().newPage();
  await other.route("http://127.0.0.1:9/**", (route) =>
    route.fulfill({ contentType: "text/html", body: `<form action="${cloud.url}${path}" method="post"><button name="do" value="take">x</button></form>` }));
  await other.goto("http://127.0.0.1:9/");
  await other.getByRole("button").click();
  await other.waitForURL(`${cloud.url}/**`);
  assert.ok(!(await other.locator("body").innerText()).includes("yours"));

  // The link of one browser in another one, and a link that was used.
  await page.context().clearCookies();
  assert.equal((await show(page, path)).url(), `${cloud.url}/console/sign-in`, "a session that is gone");
  await page.getByLabel("Your mail address").fill("aisyah@demo.recourse.example");
  await page.getByRole("button", { name: "Mail me a link" }).click();
  await page.getByText("Open the link").waitFor();
  const mail = await until("the link", async () => (await cloud.mails("aisyah@demo.recourse.example")).at(-1));
  const link = /https?:\/\/\S+\/console\/link\?token=[\w-]+/.exec(mail.text)[0];
  const stranger = await (await newBrowser()).newPage();
  await stranger.goto(link);
  await stranger.getByText("only in the browser in which it was asked for").waitFor();
  await page.goto(link);
  await page.waitForURL("**/console/queue**");
  const again = await page.context().newPage();
  await again.goto(link);
  await again.getByText("The link was used").waitFor();

  // A sign-out ends the session, for a copy of its cookie, too.
  const cookies = await page.context().cookies();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.waitForURL("**/console/sign-in**");
  const thief = await newBrowser();
  await thief.addCookies(cookies);
  const stolen = await thief.newPage();
  assert.equal((await stolen.goto(cloud.url + path)).url(), `${cloud.url}/console/sign-in`);

  const auditor = await signIn("auditor");
  await show(auditor, "/console/audit");
  const log = await auditor.locator("main").innerText();
  for (const code of ["csrf", "other_browser", "link_not_good"]) assert.match(log, new RegExp(code));
  for (const { context } of [page, stranger, stolen, auditor].map((page) => ({ context: page.context() }))) await context.close();
});

test("a session ends when nobody uses it", async () => {
  const page = await signIn("agent");
  await cloud.advance("31m");
  assert.equal((await show(page, "/console/queue")).url(), `${cloud.url}/console/sign-in`);
  await page.context().close();
});

/** The pages that a role has, by their paths. */
const PAGES = ["/console/queue", "/console/search", "/console/numbers", "/console/settings", "/console/audit", "/console/nothing-here"];

/** What axe-core finds on a page that is serious, or worse. */
async function axe(page) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  const serious = violations.filter(({ impact }) => ["serious", "critical"].includes(impact));
  return serious.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map((node) => `${node.target} ${node.failureSummary}`).join("; ")}`);
}

for (const colorScheme of ["light", "dark"]) {
  for (const width of [1280, 390]) {
    test(`axe-core finds nothing serious, ${colorScheme}, at ${width} pixels`, async () => {
      const look = { colorScheme, viewport: { width, height: 900 } };
      const stranger = await (await newBrowser(look)).newPage();
      for (const path of ["/console/sign-in", "/console/sign-in?sent"]) {
        await show(stranger, path);
        assert.deepEqual(await axe(stranger), [], path);
      }
      await stranger.context().close();
      const page = await signIn("admin", look);
      const look_at = async (what) => {
        assert.deepEqual(await axe(page), [], what);
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        assert.ok(overflow <= 0, `${what} is ${overflow} pixels wider than the window`);
      };
      for (const path of [...PAGES, "/console/queue?list=resolved", `/console/cases/${cases.second}`, `/console/cases/${cases.first}`]) {
        await show(page, path);
        await look_at(path);
      }
      await show(page, `/console/cases/${cases.second}`);
      await page.getByLabel("Your words to the customer").fill("We have news.");
      await page.getByRole("button", { name: "Preview" }).click();
      await page.getByText("Nothing is sent yet").waitFor();
      await look_at("the preview");
      await show(page, "/console/search");
      await page.getByRole("searchbox").fill(customer("tan"));
      await page.getByRole("main").getByRole("button", { name: "Search" }).click();
      await page.locator("main").getByText(cases.second).first().waitFor();
      await look_at("what was found");
      await page.context().close();
    });
  }
}

/** That a page took nothing that a stranger wrote for more than text. */
async function assertInert(page, what) {
  const found = await page.evaluate(() => ({
    ran: window.ran,
    // What no template has.
    elements: [...document.querySelectorAll(
      "script:not([src^='/console/assets/']), iframe[srcdoc], object, embed, base, meta[http-equiv], style, dialog, marquee, template, xmp, " +
      "plaintext, math, video, audio, keygen, link:not([href^='/console/assets/']), form:not([action^='/console/']), a[href*='script:'], " +
      "a[href^='data:'], a[href*='evil'], [src*='evil'], [formaction]:not([formaction^='/console/']), main svg script, main svg a, main svg use, img[src='x']",
    )].map((element) => element.outerHTML.slice(0, 200)),
    handlers: [...document.querySelectorAll("*")].filter((element) => [...element.attributes].some(({ name }) => /^on/i.test(name)))
      .map((element) => element.outerHTML.slice(0, 200)),
    text: document.body.innerText + [...document.querySelectorAll("[title], [alt], [aria-label]")].map((element) => `${element.title} ${element.ariaLabel}`),
  }));
  assert.equal(found.ran, undefined, `${what}: a script ran`);
  assert.deepEqual([found.elements, found.handlers], [[], []], what);
  const unseen = UNSEEN.exec(found.text);
  assert.equal(unseen, null, `${what}: U+${unseen?.[0].codePointAt(0).toString(16)} behind ${found.text.slice(Math.max(0, (unseen?.index ?? 0) - 40), unseen?.index)}`);
}

test("a hundred hostile texts are text on every page", async () => {
  assert.equal(HOSTILE.length, 100);
  const name = HOSTILE_NAMES.map(({ text }) => text).join(" ");
  const files = HOSTILE_NAMES.map(({ mark, text }) => ({ name: `${mark} ${text}.png`, media: "image/png", bytes: PICTURE }));
  const text = `Please look at all of this?\n\n${HOSTILE.map(({ mark, text }) => `${mark} ${text}`).join("\n\n")}`;
  const ids = [];
  for (const [at] of HOSTILE_NAMES.entries()) await cloud.report(`hostile-${at}`, customer(`h${at}`));
  for (const [at] of HOSTILE_NAMES.entries()) {
    await until(`the mail to h${at}`, async () => (await cloud.mails(customer(`h${at}`))).length > 0);
  }
  await cloud.advance("1m");
  for (const [at] of HOSTILE_NAMES.entries()) {
    const [first] = await cloud.mails(customer(`h${at}`));
    ids.push(/RC-[0-9a-z]+/.exec(first.subject)[0]);
    await cloud.reply(customer(`h${at}`), text, at === 0 ? files : []);
  }
  const page = await signIn("admin");
  await until("the hostile cases wait for an agent", async () => {
    const waits = await waiting(page);
    return ids.every((id) => waits.includes(id));
  });
  await assertInert(page, "the queue");
  for (const { mark } of HOSTILE_NAMES) assert.ok((await page.locator("#rows").innerText()).includes(mark), `${mark} in the queue`);

  await show(page, `/console/cases/${ids[0]}`);
  await assertInert(page, "the case");
  const thread = await page.locator("#thread").innerText();
  for (const { mark } of HOSTILE) assert.ok(thread.includes(mark), `${mark} in the thread`);
  for (const { mark, text } of NAMES) {
    // As far as a mail's reader keeps it: without more than one space in a row.
    const shown = thread.replaceAll(/\s+/g, " ");
    assert.ok(shown.includes(`${mark} ${text}`.replaceAll(/\s+/g, " ")), `${mark} is shown as it was written`);
  }
  // An agent writes the same: in a note, in a reply, and to find it.
  await page.getByLabel("For the other agents").fill(text.slice(0, 9_000));
  await page.getByRole("button", { name: "Store the note" }).click();
  await page.waitForURL("**?done=*");
  await assertInert(page, "the case with the note");
  await page.getByLabel("Find in this case").fill("window.ran");
  await page.getByRole("button", { name: "Find", exact: true }).click();
  await page.locator("#found").waitFor();
  await assertInert(page, "what was found in the case");
  for (const { text } of HOSTILE_NAMES) {
    await page.getByLabel("Find in this case").fill(text);
    await page.getByRole("button", { name: "Find", exact: true }).click();
    await page.locator("#found").waitFor();
    await assertInert(page, `finding ${text}`);
  }
  await show(page, `/console/cases/${ids[1]}`);
  await page.getByLabel("Your words to the customer").fill(name);
  await page.getByRole("button", { name: "Preview" }).click();
  await page.locator("main").getByText(/Nothing is sent yet|Not done/).first().waitFor();
  await assertInert(page, "the preview");
  await show(page, "/console/search");
  for (const { text } of HOSTILE) {
    await page.getByRole("searchbox").fill(text);
    await page.getByRole("main").getByRole("button", { name: "Search" }).click();
    await page.locator("main [role=alert], main [role=status]").first().waitFor();
    await assertInert(page, `searching ${text}`);
  }
  await page.getByRole("searchbox").fill(customer("h0"));
  await page.getByRole("main").getByRole("button", { name: "Search" }).click();
  await page.locator("main").getByText(ids[0]).first().waitFor();
  await assertInert(page, "the found case");
  for (const path of PAGES) {
    await show(page, path);
    await assertInert(page, path);
  }
  for (const { text } of HOSTILE_NAMES) {
    for (const path of ["/console/queue?kind=", "/console/numbers?from=", "/console/audit?operator=", "/console/cases/", "/console/settings/"]) {
      await show(page, path + encodeURIComponent(text));
      await assertInert(page, `${path}${text}`);
    }
  }
  await page.context().close();
});

test("no page asked anybody else, broke its policy, or had an error", () => {
  assert.deepEqual(faults, []);
});
