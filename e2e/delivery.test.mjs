// Delivery in a real browser: the page over simulated repositories, a webhook from the secret to the delivery, a survey without
// a script.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { after, before, test } from "node:test";
import { demonstration } from "./demonstration.mjs";
import { accessible, looked, watched } from "./harness.mjs";

let demo, integration;

before(async () => {
  demo = await demonstration();
  integration = (await demo.api("/api/v1/integrations")).items.find(({ connector }) => connector === "github_delivery");
});
after(() => demo?.end());

test("the page publishes a floor and a ceiling, both sides of a comparison, and what it is not", async () => {
  const page = await watched(demo.context, demo.url);
  await page.goto(`${demo.url}/delivery?days=90`);
  const figure = async (id) => (await page.locator(`[data-figure="${id}"]`).innerText()).trim();
  const floor = Number.parseFloat(await figure("ai_assisted_floor"));
  const ceiling = Number.parseFloat(await figure("ai_assisted_ceiling"));
  assert.ok(floor > 0 && floor <= ceiling && ceiling <= 100, `${floor} % to ${ceiling} %`);
  assert.match(await figure("cycle_time"), /^[\d.]+ (min|h|d)$/);
  assert.ok((await page.locator("section#notes").innerText()).includes("Association, not proof"));
  const heads = await page.locator("section#with_without thead th").allInnerTexts();
  for (const wanted of [/with/i, /without/i, /95 %/, /people/i]) assert.ok(heads.some((head) => wanted.test(head)), `${wanted} in ${heads}`);
  assert.deepEqual(page.complaints, []);
  assert.deepEqual(page.foreign, []);
  await page.close();
});

test("a webhook's secret is shown once, and what is signed with it is heard", async () => {
  const page = await watched(demo.context, demo.url);
  const address = `${demo.url}/settings/integrations/${integration.id}`;
  await looked(demo.browser, demo.context, address, "webhook");
  await page.goto(address);
  await page.getByRole("button", { name: "Make a secret" }).click();
  const secret = await page.getByLabel("Secret").inputValue();
  const place = new URL(await page.getByLabel("Payload URL").inputValue()).pathname;
  await accessible(page);
  const day = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
  const body = JSON.stringify({ action: "closed", pull_request: { merged_at: `${day}T10:00:00Z` } });
  const sign = (key) => `sha256=${createHmac("sha256", key).update(body).digest("hex")}`;
  const send = async (key, id) => {
    const headers = { "content-type": "application/json", "x-github-event": "pull_request", "x-github-delivery": id, "x-hub-signature-256": sign(key) };
    return (await fetch(demo.url + place, { method: "POST", headers, body })).status;
  };
  assert.deepEqual([await send("a guess", "one"), await send(secret, "one"), await send(secret, "one")], [401, 202, 202]);
  await page.goto(address);
  assert.ok((await page.locator("section#webhook").innerText()).includes("Last heard: pull_request"));
  assert.ok(!(await page.content()).includes(secret));
  assert.deepEqual(page.complaints, []);
  await page.close();
});

test("an author answers, changes the answer and takes it back, all without a script", async () => {
  const quiet = await demo.browser.newContext({ javaScriptEnabled: false, storageState: await demo.context.storageState() });
  const page = await quiet.newPage();
  await page.goto(`${demo.url}/me`);
  await page.getByRole("link", { name: "Answer", exact: true }).click();
  const waiting = page.locator("section#waiting li");
  const before = await waiting.count();
  assert.ok(before > 0, "something waits");
  const label = await waiting.first().getByRole("link").innerText();
  await waiting.first().getByLabel("Mostly").check();
  await waiting.first().getByLabel(/Time saved/).fill("30");
  await waiting.first().getByRole("button").click();
  await page.getByText("Thank you.").waitFor();
  assert.equal(await waiting.count(), before - 1);
  const answered = page.locator("section#answered tbody tr").filter({ hasText: label });
  assert.match(await answered.innerText(), /Mostly, 30 min saved/);
  await answered.getByRole("link").click();
  assert.ok(await page.getByLabel("Mostly").isChecked());
  await page.getByLabel("A little").check();
  await page.getByRole("button", { name: /Save/ }).click();
  assert.match(await answered.innerText(), /A little, 30 min saved/);
  await answered.getByRole("link").click();
  await page.getByRole("button", { name: "Take the answer back" }).click();
  await page.getByText("Your answer is gone.").waitFor();
  assert.equal(await waiting.count(), before);
  await quiet.close();
});
