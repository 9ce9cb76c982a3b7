// The demonstration, started once for a file of journeys, with somebody signed in.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openBrowser, start } from "./harness.mjs";

/** Starts `tacho demo`, waits until its data is in, and signs its owner in. */
export async function demonstration() {
  const folder = mkdtempSync(join(tmpdir(), "tacho-pages-"));
  const program = start(["demo", "--json", "--port", "0", "--data", join(folder, "data")]);
  const ready = JSON.parse(await program.line());
  const truth = JSON.parse(readFileSync(join(folder, "data", "truth.json"), "utf8"));
  const browser = await openBrowser();
  const context = await browser.newContext({ viewport: { width: 1440, height: 1000 } });
  const page = await context.newPage();
  await page.goto(ready.sign_in_url);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "Overview" }).waitFor();
  await page.close();
  return {
    url: ready.url,
    truth,
    browser,
    context,
    /** The JSON at a path of the REST API, asked for by the signed-in browser. */
    async api(path) {
      const reply = await context.request.get(ready.url + path);
      assert.equal(reply.status(), 200, `${path}: ${reply.status()} ${await reply.text()}`);
      return reply.json();
    },
    /** The bytes of a file, asked for by the signed-in browser. */
    async file(path) {
      // A long document takes a debug build a while.
      const reply = await context.request.get(ready.url + path, { timeout: 180_000 });
      assert.equal(reply.status(), 200, `${path}: ${reply.status()}`);
      return reply.body();
    },
    async end() {
      await browser.close();
      const ended = await program.stop();
      if (ended !== 0) console.log(`the demonstration ended with ${ended}: ${program.log()}`);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The reports of the demonstration by their names, each with its page's address. */
export async function reports(demo) {
  const members = await demo.api("/api/v1/reports/members?days=28&limit=500");
  const place = members.sections.find((section) => section.id === "members");
  const first = place.table.rows.map((row) => row[0]).find((cell) => cell.unit === "link");
  const teams = await demo.api("/api/v1/reports/teams?days=28");
  const links = teams.sections.flatMap((section) => section.table.rows.flat()).filter((cell) => cell.unit === "link");
  const team = links.find((cell) => /^\/teams\/\d+$/.test(cell.value.to)).value.to.split("/").pop();
  const integrations = (await demo.api("/api/v1/integrations")).items;
  return [
    ["overview", "/"],
    ["tool-github_copilot", "/tools/github_copilot"],
    ["tool-claude_code", "/tools/claude_code"],
    ["tool-cursor", "/tools/cursor"],
    ["members", "/members"],
    [`member-${first.value.to.split("/").pop()}`, first.value.to],
    ["me", "/me"],
    ["teams", "/teams"],
    [`team-${team}`, `/teams/${team}`],
    ["seats", "/seats"],
    ["cost", "/cost"],
    ["delivery", "/delivery"],
    // What is no tool has no use to hold against a vendor's totals.
    ...integrations.filter(({ connector }) => connector !== "github_delivery").map(({ id }) => [`reconciliation-${id}`, `/reconciliation/${id}`]),
  ];
}
