// A local cloud for the tests: the processes of `make run`, on free ports, with data in memory. The
// tests do around the console what clients, customers and the payment platform do.

import { spawn } from "node:child_process";
import { createHash, createHmac, randomBytes } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "../..");
/** How long the cloud may take to start, and to do what it was asked for. */
const PATIENCE_MS = 120_000;

/** Waits until `look` finds something, and returns it. */
export async function until(what, look) {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) throw new Error(`${what}: not within ${PATIENCE_MS / 1000} seconds`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** A running cloud. */
export class Cloud {
  /**
   * Starts one, with more transactions than the demo has and with parameters of template.yaml, and
   * ends it when the tests are over.
   */
  static async start(transactions, parameters = {}) {
    const demo = JSON.parse(await readFile(join(ROOT, "local/demo.json"), "utf8"));
    demo.transactions.push(...transactions);
    const folder = await mkdtemp(join(tmpdir(), "recourse-console-"));
    await mkdir(join(folder, "local"));
    await writeFile(join(folder, "local/demo.json"), JSON.stringify(demo));
    for (const name of ["template.yaml", "openapi.yaml"]) await symlink(join(ROOT, name), join(folder, name));
    const binaries = join(ROOT, "target/debug");
    const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !["PORT", "DATA"].includes(name)));
    const given = Object.entries(parameters).flatMap(([name, value]) => ["--parameter", `${name}=${value}`]);
    const options = ["--root", folder, "--binaries", join(binaries, "together"), "--port", "0", ...given];
    const child = spawn(join(binaries, "recourse-local"), options, { env: environment });
    const log = createWriteStream(join(folder, "log"));
    child.stderr.pipe(log);
    let greeting = "";
    for await (const line of createInterface({ input: child.stdout })) {
      greeting += `${line}\n`;
      if (line.includes("Ctrl-C stops it.")) break;
    }
    child.stdout.on("data", () => {});
    child.stdout.resume();
    if (!greeting.includes("Ctrl-C stops it.")) {
      throw new Error(`the local cloud did not start: ${greeting}${await readFile(join(folder, "log"), "utf8")}`);
    }
    const exports = await readFile(join(folder, ".recourse.env"), "utf8");
    const url = /^export RECOURSE_URL=(.*)$/m.exec(exports)[1].replaceAll("'", "");
    return new Cloud(child, folder, url, demo);
  }

  constructor(child, folder, url, demo) {
    Object.assign(this, { child, folder, url, demo, moved: 0 });
  }

  async stop() {
    const ended = new Promise((resolve) => this.child.once("exit", resolve));
    this.child.kill("SIGTERM");
    await ended;
    await rm(this.folder, { recursive: true });
  }

  async get(path) {
    const answer = await fetch(this.url + path);
    if (!answer.ok) throw new Error(`GET ${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }

  /** A link that signs one of the demo's people in, once. */
  async link(role) {
    const links = await this.get("/console/demo-links.json");
    return links.find((link) => link.role === role);
  }

  /** Reports a problem with a payment of the demo's account, for a customer. */
  async report(refid, customer) {
    const account = this.demo.accounts.find((known) => known.id === "acct_demo");
    const key = account.keys.find((known) => known.role === "client");
    const body = JSON.stringify({ refid, user_email: [customer] });
    const stamp = String(Math.floor(Date.now() / 1000) + this.moved);
    const nonce = `console-${randomBytes(16).toString("hex")}`;
    const digest = createHash("sha256").update(body).digest("base64");
    const mac = createHmac("sha256", Buffer.from(key.secret, "base64"));
    const signature = mac.update(`v1:${stamp}:${nonce}:POST::${digest}`).digest("base64");
    const answer = await fetch(`${this.url}/v2/transactions/check`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-api-key": key.id, "x-timestamp": stamp, "x-nonce": nonce, "x-signature": `v1=${signature}` },
      body,
    });
    const text = await answer.text();
    if (answer.status !== 200 || !text.includes("Success")) throw new Error(`the report of ${refid}: ${answer.status} ${text}`);
  }

  /** Moves the clock. All that is due then is done soon. */
  async advance(by) {
    const headers = { "content-type": "application/json" };
    const answer = await fetch(`${this.url}/clock`, { method: "POST", headers, body: JSON.stringify({ advance: by }) });
    if (!answer.ok) throw new Error(`the clock: ${answer.status} ${await answer.text()}`);
    this.moved = (await answer.json()).moved_by_seconds;
  }

  /** The mails that SES took for this reader, the newest last. */
  async mails(reader) {
    const mails = await this.get("/inbox.json");
    return mails.filter((mail) => [...mail.to, ...(mail.cc ?? [])].includes(reader));
  }

  /** A customer answers the last mail that came, with files: `{name, media, bytes}`. */
  async reply(customer, text, files = []) {
    const last = (await this.mails(customer)).at(-1);
    const form = new FormData();
    form.set("from", customer);
    form.set("text", text);
    for (const file of files) form.append("files", new Blob([file.bytes], { type: file.media }), file.name);
    const address = `${this.url}/inbox/${encodeURIComponent(last.id)}/reply`;
    const answer = await fetch(address, { method: "POST", body: form, redirect: "manual" });
    if (answer.status >= 400) throw new Error(`the reply of ${customer}: ${answer.status} ${await answer.text()}`);
  }

  /** A mail as a client of the customer's wrote it. */
  async receive(mail) {
    const headers = { "content-type": "message/rfc822" };
    const answer = await fetch(`${this.url}/inbox/receive`, { method: "POST", headers, body: mail });
    if (answer.status !== 202) throw new Error(`a mail: ${answer.status} ${await answer.text()}`);
  }
}
