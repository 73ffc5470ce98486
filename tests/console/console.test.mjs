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

/** A folder for pictures of pages; without one, none are taken. */
const { PICTURES } = process.env;

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
  context.on("dialog", (dialog) => {
    faults.push(`a dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
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

/** Presses a button that sends a form, and waits for the page that comes of it. */
async function press(page, name) {
  await page.evaluate(() => { window.isOld = true; });
  await page.getByRole("button", { name, exact: true }).click();
  await page.waitForFunction(() => !window.isOld && document.readyState === "complete");
}

/** Writes a reply and sends it, once more where the rules ask whether it is meant. */
async function reply(page, text) {
  await page.getByLabel("Your words to the customer").fill(text);
  await press(page, "Send");
  if (await page.getByText("Not sent yet").count() > 0) await press(page, "Send");
}

/** A case that waits for an agent, as its customer answered with this text and these files. */
async function waitingCase(refid, name, text, files) {
  await cloud.report(refid, customer(name));
  await until(`the first mail to ${name}`, async () => (await cloud.mails(customer(name))).length > 0);
  await cloud.advance("1m");
  const first = (await cloud.mails(customer(name)))[0];
  const id = /RC-[0-9A-Za-z]+/.exec(first.subject)[0];
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
    transaction("console-4", "pictures-1", "Phone case"),
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
  await press(page, "Take the case");
  await page.getByText("yours", { exact: true }).waitFor();

  await page.getByLabel("Your words to the customer").fill("Thank you for the picture. We are looking into it.");
  await press(page, "Preview");
  await page.getByText("This is how the mail will arrive").waitFor();
  assert.match(await page.locator("article.mail").innerText(), /Thank you for the picture/);
  assert.match(await page.locator("article.mail dl").innerText(), new RegExp(cases.first));
  await press(page, "Send");
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
  await press(page, "Resolve for good");
  await page.waitForURL(`**/console/cases/${cases.first}?done=*`);
  assert.match(await page.locator(".case-head").innerText(), /resolved/i);
  assert.ok(!(await waiting(page)).includes(cases.first));
  await page.context().close();
});

test("two agents on one case: the second is told, and the customer gets one mail", async () => {
  const [one, two] = [await signIn("agent"), await signIn("supervisor")];
  for (const page of [one, two]) await show(page, `/console/cases/${cases.second}`);
  await reply(one, "First: we ask the courier.");
  await one.waitForURL("**?done=*");
  await reply(two, "Second: we ask the courier, too.");
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

test("the page of a case says what is new, and shows it without losing what was written", async () => {
  const page = await signIn("agent");
  await show(page, `/console/cases/${cases.second}`);
  const reply = page.getByLabel("Your words to the customer");
  await reply.fill("We have asked the courier, and");
  await page.getByLabel("For the other agents").fill("A note that is not stored yet");
  const other = await signIn("supervisor");
  await show(other, `/console/cases/${cases.second}`);
  await other.getByLabel("For the other agents").fill("The courier has lost it.");
  await press(other, "Store the note");
  await cloud.reply(customer("tan"), "Is there any news?");
  await reply.press("End");
  const notice = page.locator("#case-news");
  await notice.getByText("a message from the customer").waitFor();
  assert.match(await notice.innerText(), /^New: a note by .*a message from the customer\. Show$/);
  assert.equal(await page.locator("#thread").getByText("Is there any news?").count(), 0, "it waits until it is asked for");
  assert.equal(await reply.inputValue(), "We have asked the courier, and");
  if (PICTURES) await page.screenshot({ path: `${PICTURES}/case-news.png` });
  await notice.getByRole("link", { name: "Show" }).click();
  await page.locator("#thread").getByText("Is there any news?").waitFor();
  await page.locator("#thread").getByText("The courier has lost it.").waitFor();
  assert.equal(await notice.innerText(), "");
  assert.equal(await reply.inputValue(), "We have asked the courier, and");
  assert.equal(await page.getByLabel("For the other agents").inputValue(), "A note that is not stored yet");
  assert.ok(await reply.evaluate((field) => field === document.activeElement), "the cursor stays where it was");
  // The form is that of the page as it is now.
  await reply.pressSequentially(" we write tomorrow");
  await press(page, "Preview");
  await page.getByText("This is how the mail will arrive").waitFor();
  assert.match(await page.locator("article.mail").innerText(), /We have asked the courier, and we write tomorrow/);
  for (const { context } of [page, other].map((page) => ({ context: page.context() }))) await context.close();
});

test("the queue shows what is new by itself", async () => {
  const page = await signIn("agent");
  const other = await signIn("supervisor");
  await show(page, "/console/queue");
  const row = page.locator("#rows tr", { has: page.getByRole("link", { name: cases.third }) });
  await row.getByRole("checkbox").check();
  await press(other, `Take ${cases.third}`);
  const name = (await other.locator(".who b").textContent()).trim();
  await row.getByText(name).waitFor();
  assert.ok(await row.getByRole("checkbox").isChecked(), "what was ticked stays ticked");
  await show(other, `/console/cases/${cases.third}`);
  await press(other, "Give it back to the queue");
  for (const { context } of [page, other].map((page) => ({ context: page.context() }))) await context.close();
});

test("a supervisor gives a case to another agent", async () => {
  const page = await signIn("supervisor");
  // An agent takes it by the button of its row; the supervisor ticks it, and gives it back to all.
  const agent = await signIn("agent");
  await press(agent, `Take ${cases.third}`);
  const row = agent.locator("#rows tr", { has: agent.getByRole("link", { name: cases.third }) });
  assert.match(await row.innerText(), /\byou\b/);
  await agent.context().close();
  await show(page, "/console/queue");
  await page.getByRole("checkbox", { name: cases.third }).check();
  await page.getByLabel("to", { exact: true }).selectOption("nobody");
  await press(page, "Hand over");
  await page.locator("main [role=status] li", { hasText: cases.third }).waitFor();
  assert.match(await page.locator("#rows tr", { has: page.getByRole("link", { name: cases.third }) }).innerText(), /\bno agent\b/);
  await show(page, `/console/cases/${cases.third}`);
  const to = page.getByLabel("Hand over to");
  const names = await to.locator("option").allTextContents();
  const name = names.at(-1).trim();
  await to.selectOption(name);
  await press(page, "Hand over");
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
  assert.match(log, /refused: role/);
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
  await other.getByRole("link", { name: "To the queue" }).waitFor();
  await show(other, path);
  assert.equal(await other.getByText("yours", { exact: true }).count(), 0, "the case is not taken");

  // The link of one browser in another one, and a link that was used.
  await page.context().clearCookies();
  assert.match((await show(page, path)).url(), /\/console\/sign-in/, "a session that is gone");
  await page.getByLabel("Your mail address").fill("aisyah@demo.recourse.example");
  await press(page, "Mail me a link");
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
  await press(page, "Sign out");
  await page.waitForURL("**/console/sign-in**");
  const thief = await newBrowser();
  await thief.addCookies(cookies);
  const stolen = await thief.newPage();
  assert.match((await stolen.goto(cloud.url + path)).url(), /\/console\/sign-in/);

  const auditor = await signIn("auditor");
  await show(auditor, "/console/audit");
  const log = await auditor.locator("main").innerText();
  for (const code of ["csrf", "origin", "other_browser", "link_not_good"]) assert.ok(log.includes(`refused: ${code}`), code);
  for (const { context } of [page, stranger, stolen, auditor].map((page) => ({ context: page.context() }))) await context.close();
});

test("a session ends when nobody uses it", async () => {
  const page = await signIn("agent");
  await cloud.advance("31m");
  assert.match((await show(page, "/console/queue")).url(), /\/console\/sign-in/);
  await page.context().close();
});

/** The pages that a role has, by their paths. */
const PAGES = [
  "/console/queue", "/console/search", "/console/numbers", "/console/numbers?by=agent",
  "/console/settings/accounts", "/console/settings/accounts?account=acct_demo", "/console/settings/accounts?account=acct_fbn",
  "/console/settings/templates", "/console/settings/playbooks", "/console/settings/outbox?state=waiting",
  "/console/settings/outbox?state=held", "/console/settings/outbox?state=dead", "/console/settings/health", "/console/settings/operators", "/console/settings/forget",
  "/console/audit", "/console/audit?from=never", "/console/nothing-here",
];
const LISTS = ["mine", "new", "waiting_for_provider", "waiting_for_customer", "answered", "resolved", "disputes"];

test("the timeline of every case has words for people alone", async () => {
  const page = await signIn("auditor");
  const ids = new Set();
  for (const list of ["waiting_for_agent", ...LISTS]) {
    await show(page, `/console/queue?list=${list}`);
    for (const id of await page.locator("#rows td a[href^='/console/cases/']").allTextContents()) ids.add(id);
  }
  assert.ok(ids.size > 2, `${ids.size} cases`);
  for (const id of ids) {
    await show(page, `/console/cases/${id}`);
    const words = (await page.locator("ol.timeline").innerText()).replaceAll(/acct_[a-z_]+|[a-z_]+_demo/g, "the account");
    assert.doesNotMatch(words, /[a-z]_[a-z]|[a-z]:[a-z0-9]|->/, `${id}: ${words}`);
  }
  await page.context().close();
});

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
      // All pages are looked at before the test fails.
      const found = [];
      const look_at = async (what, shown = page) => {
        found.push(...(await axe(shown)).map((fault) => `${what}: ${fault}`));
        const overflow = await shown.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        if (overflow > 0) found.push(`${what} is ${overflow} pixels wider than the window`);
      };
      const stranger = await (await newBrowser(look)).newPage();
      for (const path of ["/console/sign-in", "/console/sign-in?sent"]) {
        await show(stranger, path);
        await look_at(path, stranger);
      }
      await stranger.context().close();
      const page = await signIn("admin", look);
      for (const path of [...PAGES, ...LISTS.map((list) => `/console/queue?list=${list}`), `/console/cases/${cases.second}`, `/console/cases/${cases.first}`]) {
        await show(page, path);
        await page.evaluate(() => { for (const details of document.querySelectorAll("details")) details.open = true; });
        await look_at(path);
      }
      // The page of who is slower.
      await show(page, `/console/cases/${cases.second}`);
      const faster = await page.context().newPage();
      await show(faster, `/console/cases/${cases.second}`);
      await faster.getByLabel("For the other agents").fill("I am faster.");
      await press(faster, "Store the note");
      await faster.waitForURL("**?done=*");
      await faster.close();
      await page.getByLabel("For the other agents").fill("I am slower.");
      await press(page, "Store the note");
      await page.getByText("the case has changed since you opened it").waitFor();
      if (PICTURES) await page.screenshot({ path: `${PICTURES}/case-changed-${colorScheme}-${width}.png`, fullPage: true });
      await look_at("the page of who is slower");
      // What is shown once, a refused order, and a dry run.
      await show(page, "/console/settings/accounts?account=acct_fbn");
      await page.getByText("Give a person a password").click();
      await page.getByLabel("The person's name").fill("Jideobi.Onuora");
      await press(page, "Set a password");
      await page.getByRole("alert").waitFor();
      await look_at("a refused order");
      await page.getByLabel("The person's name").fill("Jideobi.Onuora");
      await page.getByLabel("Replace the password").check();
      await press(page, "Set a password");
      await page.getByText("This is shown once").waitFor();
      await look_at("a new secret");
      await show(page, "/console/settings/playbooks");
      for (const order of ["Check it", "Dry run over the last 100 cases"]) {
        await page.getByLabel("The JSON").fill("{}");
        await press(page, order);
        await look_at(order);
      }
      await show(page, "/console/settings/forget");
      await page.getByLabel("Mail address of the person").fill(customer("tan"));
      await press(page, "Look what there is");
      await page.getByText("This would be erased").waitFor();
      await look_at("what would be erased");
      await page.getByLabel("The mail address once more").fill("nobody@customer.example");
      await page.getByLabel("Why, for the certificate").fill("a test");
      await press(page, "Erase");
      await page.getByRole("alert").waitFor();
      await look_at("an erasure that is not confirmed");
      await show(page, `/console/cases/${cases.second}`);
      await page.getByLabel("Your words to the customer").fill("We have news.");
      await press(page, "Preview");
      await page.getByText("Nothing is sent yet").waitFor();
      await look_at("the preview");
      await show(page, "/console/search");
      await page.getByRole("searchbox").fill(customer("tan"));
      await press(page, "Search");
      await page.locator("main").getByText(cases.second).first().waitFor();
      await look_at("what was found");
      await page.context().close();
      assert.deepEqual(found, []);
    });
  }
}

/** A picture of a receipt, as a customer takes one. */
async function receipt() {
  const page = await (await newBrowser({ viewport: { width: 392, height: 270 } })).newPage();
  const rows = [["Order", "8172"], ["Item", "1"], ["Total", "MYR 50.00"], ["Paid by", "e-wallet"], ["Date", "see mail"]];
  await page.setContent(`<body style="margin:0;height:270px;background:#d6d0c4;display:grid;place-items:center;font:14px sans-serif">
    <div style="width:250px;padding:14px 24px;background:#fbfaf7;border:1px solid #bbb;text-align:center">
    <b style="font-size:18px">KEDAI SELULAR</b><br><small>Jalan Tun Razak 12</small><hr>
    <table style="width:100%;text-align:left">${rows.map(([name, value]) => `<tr><td>${name}<td>${value}`).join("")}</table><hr>
    <div style="height:34px;background:repeating-linear-gradient(90deg,#222 0 3px,#fbfaf7 3px 5px,#222 5px 6px,#fbfaf7 6px 10px)"></div></div>`);
  const bytes = await page.screenshot();
  await page.context().close();
  return bytes;
}

test("pictures of the pages, for the documents", { skip: !PICTURES && "PICTURES names no folder for them" }, async () => {
  const files = [{ name: "receipt.png", media: "image/png", bytes: await receipt() }];
  const id = await waitingCase("pictures-1", "lim.mei", "The receipt says it was paid, but nothing arrived. Who can help me?", files);
  const agent = await signIn("agent");
  await until("the case waits for an agent", async () => (await waiting(agent)).includes(id));
  await show(agent, `/console/cases/${id}`);
  const picture = agent.locator("#thread img").first();
  await until("the picture", () => picture.evaluate((image) => image.complete && image.naturalWidth > 0));
  await agent.evaluate(() => window.scrollTo(0, document.getElementById("thread").offsetTop - 72));
  await agent.screenshot({ path: `${PICTURES}/case.png` });
  const supervisor = await signIn("supervisor");
  await supervisor.screenshot({ path: `${PICTURES}/queue.png` });
  const admin = await signIn("admin");
  for (const [name, path] of [["numbers", "/console/numbers"], ["audit", "/console/audit"]]) {
    await show(admin, path);
    await admin.screenshot({ path: `${PICTURES}/${name}.png` });
  }
  for (const page of [agent, supervisor, admin]) await page.context().close();
});

/** That a page took nothing that a stranger wrote for more than text. */
async function assertInert(page, what) {
  const found = await page.evaluate(() => ({
    ran: window.ran,
    // What no template has.
    elements: [...document.querySelectorAll(
      "script:not([src^='/console/assets/']), iframe[srcdoc], object, embed, base, meta[http-equiv], style, dialog, marquee, template, xmp, " +
      "plaintext, math, video, audio, keygen, link:not([href^='/console/assets/']), form:not([action^='/console/']), a[href]:not([href^='/console']):not([href^='#']), " +
      "[src]:not([src^='/console/']), [srcset], [formaction]:not([formaction^='/console/']), main svg script, main svg a, main svg use, img[src='x']",
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
    ids.push(/RC-[0-9A-Za-z]+/.exec(first.subject)[0]);
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
  await press(page, "Store the note");
  await page.getByText("must not have control characters or marks that turn its direction").waitFor();
  await assertInert(page, "the refused note");
  await page.getByLabel("For the other agents").fill(NAMES.map(({ mark, text }) => `${mark} ${text}`).join("\n\n").slice(0, 9_000));
  await press(page, "Store the note");
  assert.deepEqual(await page.locator("main [role=alert]").allTextContents(), [], "the note is stored");
  await page.waitForURL("**?done=*");
  await assertInert(page, "the case with the note");
  await page.getByLabel("Find in this case").fill("window.ran");
  await press(page, "Find");
  await page.locator("#found").waitFor();
  await assertInert(page, "what was found in the case");
  for (const { text } of HOSTILE_NAMES) {
    await page.getByLabel("Find in this case").fill(text);
    await press(page, "Find");
    await page.locator("#found").waitFor();
    await assertInert(page, `finding ${text}`);
  }
  await show(page, `/console/cases/${ids[1]}`);
  await page.getByLabel("Your words to the customer").fill(name);
  await press(page, "Preview");
  await page.locator("main").getByText(/Nothing is sent yet|Not done/).first().waitFor();
  await assertInert(page, "the preview");
  await show(page, "/console/search");
  for (const { text } of HOSTILE) {
    await page.getByRole("searchbox").fill(text);
    await press(page, "Search");
    await page.locator("main [role=alert], main [role=status]").first().waitFor();
    await assertInert(page, `searching ${text}`);
  }
  await page.getByRole("searchbox").fill(customer("h0"));
  await press(page, "Search");
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
