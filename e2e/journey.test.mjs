// The journey of someone new: start the demonstration, sign in by its link, look at the Overview. In a real browser, against
// the real program; every number is compared with truth.json.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { looked, openBrowser, start, watched as watchedIn } from "./harness.mjs";
import { TOOLS, activeMembers, count, heat, people, ratio, share, sum, windowOf } from "./truth.mjs";

const MOST_KILOBYTES = 150;

let folder, demo, ready, truth, browser, context;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "tacho-journey-"));
  const began = performance.now();
  demo = start(["demo", "--json", "--port", "0", "--data", join(folder, "data")]);
  ready = JSON.parse(await demo.line());
  console.log(`data is in after ${((performance.now() - began) / 1000).toFixed(1)} s (debug build)`);
  truth = JSON.parse(readFileSync(join(folder, "data", "truth.json"), "utf8"));
  browser = await openBrowser();
  context = await browser.newContext({ viewport: { width: 1440, height: 1000 } });
});

after(async () => {
  await browser?.close();
  const ended = await demo?.stop();
  if (ended !== 0) console.log(`the demonstration ended with ${ended}: ${demo?.log()}`);
  rmSync(folder, { recursive: true, force: true });
});

const watched = (options = {}) => watchedIn(options.context ?? context, ready.url);

async function api(path) {
  const reply = await fetch(ready.url + path, { headers: { authorization: `Bearer ${ready.api_token}` } });
  assert.equal(reply.status, 200, `${path}: ${reply.status}`);
  return reply.json();
}

const shown = async (page, id) => (await page.locator(`[data-figure="${id}"]`).innerText()).trim();

test("without signing in nothing is shown", async () => {
  const stranger = await browser.newContext();
  const page = await watched({ context: stranger });
  await page.goto(ready.url + "/");
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  assert.equal(await page.locator("[data-figure]").count(), 0);
  for (const path of ["/api/overview", "/api/ai-usage/dashboard", "/reports/overview/members.csv"]) {
    assert.ok([401, 303].includes((await fetch(ready.url + path, { redirect: "manual" })).status), path);
  }
  await stranger.close();
});

test("the link signs in, once, and leads to the Overview", async () => {
  const page = await watched();
  await page.goto(ready.sign_in_url);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "Overview" }).waitFor();
  assert.equal(new URL(page.url()).pathname, "/");
  const second = await browser.newContext();
  const again = await second.newPage();
  await again.goto(ready.sign_in_url);
  const button = again.getByRole("button", { name: "Sign in" });
  if ((await button.count()) > 0) await button.click();
  assert.equal(await again.locator("[data-figure]").count(), 0, "a spent link opens nothing");
  await second.close();
  assert.deepEqual(page.complaints, []);
  await page.close();
});

for (const days of [7, 28, 90]) {
  test(`the figures over ${days} days are the right answers`, async () => {
    const page = await watched();
    await page.goto(`${ready.url}/?days=${days}`);
    const window = windowOf(truth, days);
    assert.equal(await shown(page, "active_members"), count(activeMembers(truth, window)));
    assert.equal(await shown(page, "interactions"), count(sum(truth, window, "interactions")));
    assert.equal(await shown(page, "lines_added"), count(sum(truth, window, "lines_added")));
    assert.equal(await shown(page, "lines_removed"), count(sum(truth, window, "lines_removed")));
    const of = (measure, tool) => sum(truth, window, measure, tool);
    const rates = {
      github_copilot: [ratio(of("acceptances", "github_copilot"), of("suggestions", "github_copilot"))],
      claude_code: [ratio(of("edits_accepted", "claude_code"), of("edits_accepted", "claude_code") + of("edits_rejected", "claude_code"))],
      cursor: [
        ratio(of("acceptances", "cursor"), of("suggestions", "cursor")),
        ratio(of("edits_accepted", "cursor"), of("edits_proposed", "cursor")),
      ],
    };
    for (const tool of TOOLS) {
      const found = await page.locator(`[data-figure^="acceptance_${tool}_"]`).allInnerTexts();
      assert.deepEqual(found.map((text) => text.trim()), rates[tool].map(share), `acceptance of ${tool}`);
    }
    assert.deepEqual(page.complaints, []);
    assert.deepEqual(page.foreign, []);
    await page.close();
  });

  test(`the dashboard call over ${days} days gives the right answers`, async () => {
    const window = windowOf(truth, days);
    const dashboard = await api(`/api/ai-usage/dashboard?days=${days}`);
    const total = sum(truth, window, "interactions");
    assert.equal(dashboard.totalInteractions, total);
    const days_ = heat(truth, window);
    assert.equal(dashboard.heatmapData.length, days);
    for (const { date, count: found } of dashboard.heatmapData) assert.equal(found, days_.get(date) ?? 0, date);
    assert.equal(dashboard.activeDays, [...days_.values()].filter((value) => value > 0).length);
    assert.equal(dashboard.tools.length, TOOLS.length);
    for (const tool of dashboard.tools) {
      const expected = sum(truth, window, "interactions", tool.id);
      assert.equal(tool.requests, expected, tool.name);
      assert.equal(tool.percentage, Math.round((expected / total) * 1000) / 10, tool.name);
    }
    assert.equal(dashboard.topTool, dashboard.tools[0].name);
    assert.ok(Date.parse(dashboard.lastSynced) > 0);
  });
}

test("the member table is right, and sorted by interactions it is ranked, page by page", async () => {
  const page = await watched();
  const found = [];
  await page.goto(`${ready.url}/members?days=28&sort=interactions&order=desc`);
  for (;;) {
    const heads = await page.locator("#members thead th").evaluateAll((all) => all.map((head) => head.dataset.column));
    for (const row of await page.locator("#members tbody tr").all()) {
      const cells = (await row.locator("th, td").allInnerTexts()).map((text) => text.trim());
      const number = (column) => {
        const text = cells[heads.indexOf(column)];
        return text === "-" ? null : Number(text.replaceAll(",", ""));
      };
      found.push({ interactions: number("interactions"), days: number("active_days") ?? 0 });
    }
    const next = page.locator("#members a[rel=next]");
    if ((await next.count()) === 0) break;
    await Promise.all([page.waitForURL(/page=/), next.click()]);
    await page.waitForLoadState();
  }
  const most = (one, other) => (other.interactions ?? -1) - (one.interactions ?? -1);
  assert.deepEqual(found.map((row) => row.interactions), [...found].sort(most).map((row) => row.interactions), "ranked by interactions");
  // Members who did nothing have a row too, which says so.
  const used = (row) => row.interactions > 0 || row.days > 0;
  const rank = (one, other) => most(one, other) || other.days - one.days;
  assert.deepEqual(found.filter(used).sort(rank), people(truth, windowOf(truth, 28)).filter(used).sort(rank));
  await page.close();
});

test("every figure says how it is made, and its parts are the tools'", async () => {
  const page = await watched();
  await page.goto(ready.url + "/");
  const card = page.locator("#figure-interactions");
  await card.locator("summary").click();
  const panel = card.locator(".panel");
  await panel.waitFor({ state: "visible" });
  const window = windowOf(truth, 28);
  const rows = await panel.locator("tbody tr").allInnerTexts();
  for (const tool of TOOLS) {
    const value = count(sum(truth, window, "interactions", tool));
    assert.ok(rows.some((row) => row.split(/\s{2,}|\t/).includes(value)), `${tool}: ${value} among ${rows}`);
  }
  await page.close();
});

test("the page works without JavaScript", async () => {
  const quiet = await browser.newContext({ javaScriptEnabled: false, storageState: await context.storageState() });
  const page = await quiet.newPage();
  await page.goto(ready.url + "/");
  assert.equal(await shown(page, "interactions"), count(sum(truth, windowOf(truth, 28), "interactions")));
  await page.getByRole("link", { name: "90 days" }).click();
  assert.equal(await shown(page, "interactions"), count(sum(truth, windowOf(truth, 90), "interactions")));
  assert.ok((await page.locator("svg.chart").count()) >= 3);
  await quiet.close();
});

test(`the page with all it loads weighs at most ${MOST_KILOBYTES} KB`, async () => {
  const fresh = await browser.newContext({ storageState: await context.storageState() });
  const page = await fresh.newPage();
  const session = await fresh.newCDPSession(page);
  await session.send("Network.enable");
  let bytes = 0;
  session.on("Network.loadingFinished", (event) => (bytes += event.encodedDataLength));
  await page.goto(`${ready.url}/?days=90`, { waitUntil: "networkidle" });
  console.log(`the page weighs ${(bytes / 1024).toFixed(1)} KB as sent`);
  assert.ok(bytes > 10_000, "something was counted");
  assert.ok(bytes <= MOST_KILOBYTES * 1024, `${bytes} bytes`);
  const paint = await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime);
  console.log(`first paint after ${paint?.toFixed(0)} ms`);
  await fresh.close();
});

test("accessible and whole in light and dark, at 360 and 1440 px", async () => {
  await looked(browser, context, ready.url + "/", "overview");
});

test("signing out ends the session", async () => {
  const page = await watched();
  await page.goto(ready.url + "/");
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await page.goto(ready.url + "/");
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  assert.equal(await page.locator("[data-figure]").count(), 0);
  await page.close();
});
