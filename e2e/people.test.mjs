// The journey of whoever installs Tacho: the set-up link makes the owner, tools are connected against the simulator (with a
// wrong key, with a missing scope, with a good one), the first sync is watched, an identity finds its member, and others see
// what their role lets them see.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { accessible, freePort, looked, openBrowser, start, watched as watchedIn } from "./harness.mjs";
import { signInThere, startProvider } from "./oidc.mjs";

const PASSWORD = "four quiet words here";

let folder, simulator, box, provider, server, home, setUpLink, browser, owner;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "tacho-people-"));
  const port = await freePort();
  home = `http://127.0.0.1:${port}`;
  simulator = start(["simulator", "--members", "24", "--days", "40"]);
  box = JSON.parse(await simulator.line());
  provider = await startProvider({ callback: `${home}/sign-in/callback/oidc` });
  server = start(["serve", "--listen", `127.0.0.1:${port}`, "--public-url", home, "--schedule", "off", "--data", join(folder, "data")], {
    TACHO_ALLOW_HOSTS: [...box.hosts, new URL(provider.issuer).host].join(","),
    // Cursor is asked at most 20 times a minute, as the real one wants.
    TACHO_BACKFILL_DAYS: "5",
    TACHO_GITHUB_URL: box.github.base_url,
    TACHO_GITHUB_CLIENT_ID: box.github_client_id,
    TACHO_GITHUB_CLIENT_SECRET: box.github_client_secret,
    TACHO_OIDC_ISSUER: provider.issuer,
    TACHO_OIDC_CLIENT_ID: provider.clientId,
    TACHO_OIDC_CLIENT_SECRET: provider.clientSecret,
    TACHO_OIDC_ROLES: "tacho-admins=admin, staff=member",
    TACHO_SIGN_ON_DOMAINS: "example.com",
  });
  for (;;) {
    const line = await server.line();
    if (line.includes("/set-up/")) {
      setUpLink = line.trim();
      break;
    }
  }
  browser = await openBrowser();
  owner = await browser.newContext({ viewport: { width: 1440, height: 1000 } });
});

after(async () => {
  await browser?.close();
  await server?.stop();
  await simulator?.stop();
  await provider?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const watched = (context = owner) => watchedIn(context, home);

/** Goes on with the keyboard alone until something has the focus, and gives it. */
async function tabTo(page, what) {
  for (let step = 0; step < 60; step += 1) {
    await page.keyboard.press("Tab");
    if (await what.evaluate((element) => element === document.activeElement).catch(() => false)) return what;
  }
  throw new Error(`the keyboard does not reach ${what}`);
}

test("the set-up link makes the owner, once", async () => {
  const page = await watched();
  await page.goto(setUpLink);
  await accessible(page);
  await page.getByLabel("Organization").fill("Quiet Harbour");
  await page.getByLabel("Your name").fill("Olive Owner");
  await page.getByLabel("Your e-mail address").fill("olive@harbour.example");
  await page.getByLabel("Password").fill("short");
  await page.locator("main form button.primary").click();
  await page.getByText("12 characters", { exact: false }).first().waitFor();
  assert.equal(await page.getByLabel("Your name").inputValue(), "Olive Owner", "what was typed stays");
  await page.getByLabel("Password").fill(PASSWORD);
  await page.locator("main form button.primary").click();
  await page.waitForURL((url) => !url.pathname.startsWith("/set-up"));
  await page.goto(home + "/");
  await page.getByText("Quiet Harbour").first().waitFor();
  const stranger = await browser.newContext();
  const again = await stranger.newPage();
  const answer = await again.goto(setUpLink);
  assert.equal(await again.getByLabel("Password").count(), 0, "a spent set-up link opens nothing");
  assert.ok(answer.status() >= 400);
  await stranger.close();
  await page.close();
});

test("signs in to the Overview with the keyboard alone", async () => {
  const context = await browser.newContext({ viewport: { width: 1440, height: 1000 } });
  const page = await watched(context);
  await page.goto(home + "/");
  await accessible(page);
  await tabTo(page, page.getByLabel("E-mail address"));
  await page.keyboard.type("olive@harbour.example");
  await tabTo(page, page.getByLabel("Password"));
  await page.keyboard.type("not the password at all");
  await page.keyboard.press("Enter");
  await page.getByRole("alert").waitFor();
  await accessible(page);
  const email = page.getByLabel("E-mail address");
  await email.focus();
  if ((await email.inputValue()) === "") await page.keyboard.type("olive@harbour.example");
  await tabTo(page, page.getByLabel("Password"));
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Overview" }).waitFor();
  await accessible(page);
  await context.close();
});

/** Opens the form of a connector's key. */
async function keyForm(page, connector) {
  await page.goto(`${home}/settings/integrations/connect/${connector}`);
  const closed = page.locator("details.way:not([open]):has(input[type=password])");
  if ((await closed.count()) > 0) await closed.first().locator("summary").click();
  return page.locator("form:has(input[type=password])").first();
}

async function connect(page, connector, side, key) {
  const form = await keyForm(page, connector);
  const organization = form.locator("[name=organization], [name='settings.organization']");
  if ((await organization.count()) > 0) await organization.fill(box.organization);
  await form.locator("[name=base_url], [name='settings.base_url']").fill(side.base_url);
  await form.locator("input[type=password]").fill(key);
  await form.locator("button.primary").click();
  await page.waitForLoadState();
}

for (const [connector, vendor, wrong] of [
  ["claude_console", "anthropic", "sk-ant-admin01-" + "x".repeat(91) + "AA"],
  ["cursor", "cursor", "key_" + "0".repeat(64)],
  ["github_copilot", "github", "ghp_" + "x".repeat(36)],
]) {
  test(`${connector}: a wrong key is refused with its cause and fix, and nothing is connected`, async () => {
    const page = await watched();
    await connect(page, connector, box[vendor], wrong);
    const alert = page.getByRole("alert").first();
    await alert.waitFor();
    assert.match(await alert.innerText(), /Not connected/);
    assert.ok((await page.locator(".doctor .fails").count()) > 0, "the doctor's list shows what failed");
    assert.ok(!(await page.content()).includes(wrong), "the key is not said back");
    await accessible(page);
    await page.goto(home + "/settings/integrations");
    assert.equal(await page.locator(`[data-integration]`).count(), 0);
    await page.close();
  });
}

test("github_copilot: a sign-in that grants too little names the missing scope", async () => {
  simulator.say("grant read:user");
  assert.equal(await simulator.line(), "ok");
  const page = await watched();
  await page.goto(`${home}/settings/integrations/connect/github_copilot`);
  const form = page.locator("form[method=get]").filter({ has: page.locator("button.primary") }).first();
  const organization = form.locator("[name=organization], [name='settings.organization']");
  await organization.fill(box.organization);
  await form.locator("[name=base_url], [name='settings.base_url']").fill(box.github.base_url);
  await form.locator("button.primary").click();
  await page.getByRole("link", { name: /Continue to/ }).click();
  await page.waitForURL((url) => url.href.startsWith(box.github.base_url));
  await page.getByRole("button", { name: /Authorize/ }).first().click();
  await page.waitForURL((url) => url.href.startsWith(home));
  const text = await page.locator("main").innerText();
  assert.match(text, /read:org/, text);
  assert.match(text, /Not connected|scope/, text);
  simulator.say("grant all");
  assert.equal(await simulator.line(), "ok");
  await page.goto(home + "/settings/integrations");
  assert.equal(await page.locator(`[data-integration]`).count(), 0, "connecting is not done until it works");
  await page.close();
});

for (const [connector, vendor] of [["claude_console", "anthropic"], ["cursor", "cursor"], ["github_copilot", "github"]]) {
  test(`${connector}: a good key connects, and the first sync is watched to its end`, async () => {
    const page = await watched();
    await connect(page, connector, box[vendor], box[vendor].key);
    await page.waitForURL(/\/settings\/integrations\/\d+/);
    assert.ok(!(await page.content()).includes(box[vendor].key), "the key is not said back");
    const card = page.locator("[data-integration]").first();
    // No reload: the card is brought up to date by the stream of events.
    const read = card.locator(".strip .day.provisional, .strip .day.final");
    await read.first().waitFor({ state: "attached", timeout: 180_000 });
    await page.locator("[data-running][hidden]").first().waitFor({ state: "attached", timeout: 180_000 });
    assert.ok((await read.count()) >= 3, "the days that were read are in the strip");
    assert.match(await card.locator(".standing").innerText(), /[Cc]onnected/);
    assert.deepEqual(page.complaints, []);
    assert.deepEqual(page.foreign, []);
    await page.close();
  });
}

test("a sync of an integration that is not there answers 404", async () => {
  const page = await watched();
  await page.goto(home + "/settings/integrations");
  const status = await page.evaluate(() => fetch("/api/v1/integrations/999999/sync", { method: "POST" }).then((answer) => answer.status));
  assert.equal(status, 404);
  await page.close();
});

test("an unmatched identity is matched: the member's numbers move and the totals stay", async () => {
  const page = await watched();
  await page.goto(home + "/");
  const interactions = await page.locator('[data-figure="interactions"]').innerText();
  await page.goto(home + "/settings/people?show=unmatched");
  const rate = page.locator('[data-figure="match_rate"]');
  const before = await rate.innerText();
  // An account with use that no roster knows; API keys and service accounts are nobody in particular.
  const row = page.locator("table tbody tr").filter({ hasText: "GitHub account" }).first();
  const label = (await row.locator("th a").innerText()).trim();
  const name = "Nova Newcomer";
  await page.goto(home + "/settings/people/members/new");
  await page.getByLabel("Name", { exact: false }).first().fill(name);
  await page.getByLabel("E-mail").fill("nova@harbour.example");
  await page.locator("main form button.primary").first().click();
  await page.goto(home + "/settings/people?show=unmatched");
  await page.getByLabel(`Member that ${label} belongs to`).fill(name);
  await page.getByRole("button", { name: `Match ${label}` }).click();
  await page.getByRole("status").first().waitFor();
  const after = await page.locator('[data-figure="match_rate"]').innerText();
  assert.notEqual(after, before, "the match rate moves");
  const found = await page.evaluate(() => fetch("/api/overview?limit=500").then((answer) => answer.json()));
  const nova = found.members.rows.find((one) => one.name === name);
  assert.ok(nova, "the member has a row now");
  assert.ok(!nova.unmatched && nova.interactions > 0, JSON.stringify(nova));
  await page.goto(home + "/");
  assert.equal(await page.locator('[data-figure="interactions"]').innerText(), interactions, "the totals stay");
  await page.close();
});

/** Invites somebody and lets them make their account, in a browser of their own. */
async function invited(email, role) {
  const page = await watched();
  await page.goto(home + "/settings/users");
  const form = page.locator("#invite form");
  await form.getByLabel("E-mail address", { exact: false }).fill(email);
  await form.locator("select[name=role], input[name=role]").first().selectOption(role).catch(async () => form.locator(`input[value=${role}]`).check());
  await form.locator("button.primary").click();
  const link = await page.locator("#made").inputValue();
  await page.close();
  const context = await browser.newContext({ viewport: { width: 1440, height: 1000 } });
  const guest = await watched(context);
  await guest.goto(link);
  await accessible(guest);
  const name = guest.getByLabel("Your name");
  if ((await name.count()) > 0) await name.fill(`${role} Guest`);
  await guest.getByLabel("Password").first().fill(PASSWORD);
  await guest.locator("main form button.primary").click();
  await guest.getByRole("heading", { name: "Overview" }).waitFor();
  return { context, page: guest };
}

test("a viewer sees totals and nobody's numbers; a member sees no one else's", async () => {
  const mine = await watched();
  await mine.goto(home + "/");
  const total = await mine.locator('[data-figure="interactions"]').innerText();
  const names = (await mine.locator("#members tbody th").allInnerTexts()).map((text) => text.split("\n")[0].trim());
  assert.ok(names.length > 5);
  await mine.close();
  for (const role of ["viewer", "member"]) {
    const { context, page } = await invited(`${role}@harbour.example`, role);
    assert.equal(await page.locator('[data-figure="interactions"]').innerText(), total, `${role}: the totals are everyone's`);
    for (const path of ["/", "/api/overview?limit=500", "/reports/overview/members.csv"]) {
      const text = await page.evaluate((path) => fetch(path).then((answer) => answer.text()), path);
      for (const name of names) assert.ok(!text.includes(name), `${role} reads ${name} in ${path}`);
    }
    for (const path of ["/settings/users", "/settings/people", "/settings/audit"]) {
      const status = await page.evaluate((path) => fetch(path).then((answer) => answer.status), path);
      assert.equal(status, 403, `${role} at ${path}`);
    }
    await looked(browser, context, home + "/", `overview-${role}`);
    await context.close();
  }
});

test("the company's provider signs people in with the role of their group", async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(home + "/sign-in");
  await page.getByRole("link", { name: /company account/ }).click();
  await signInThere(page, "ada");
  await page.waitForURL((url) => url.origin === home);
  await page.getByRole("heading", { name: "Overview" }).waitFor();
  const me = await page.evaluate(() => fetch("/api/v1/me").then((answer) => answer.json()));
  assert.equal(me.role, "admin", JSON.stringify(me));
  await context.close();
  // An address that the provider has not verified opens nothing.
  const other = await browser.newContext();
  const refused = await other.newPage();
  await refused.goto(home + "/sign-in");
  await refused.getByRole("link", { name: /company account/ }).click();
  await signInThere(refused, "ben");
  await refused.waitForURL((url) => url.origin === home);
  assert.match(await refused.locator("main").innerText(), /verified/);
  await other.close();
});

for (const [address, name] of [
  ["/settings/integrations", "integrations"],
  ["/settings/integrations/connect", "connect"],
  ["/settings/integrations/connect/github_copilot", "connect-github"],
  ["/settings/tools", "my-tools"],
  ["/settings/people", "people"],
  ["/settings/people?show=unmatched", "people-unmatched"],
  ["/settings/people?show=members", "people-members"],
  ["/settings/people?show=history", "people-history"],
  ["/settings/people/import", "people-import"],
  ["/settings/teams", "teams"],
  ["/settings/users", "users"],
  ["/settings/tokens", "tokens"],
  ["/settings/audit", "audit"],
  ["/settings/account", "account"],
  ["/settings/about", "about"],
  ["/api/docs", "api-docs"],
]) {
  test(`${address} is accessible and whole in light and dark, at 360 and 1440 px`, async () => {
    await looked(browser, owner, home + address, name);
  });
}

test("signing out everywhere ends every session", async () => {
  const elsewhere = await browser.newContext();
  const other = await watched(elsewhere);
  await other.goto(home + "/sign-in");
  await other.getByLabel("E-mail address").fill("olive@harbour.example");
  await other.getByLabel("Password").fill(PASSWORD);
  await other.locator("main form button.primary").click();
  await other.getByRole("heading", { name: "Overview" }).waitFor();
  const page = await watched();
  await page.goto(home + "/settings/account");
  await page.getByRole("button", { name: /everywhere/i }).click();
  await page.waitForLoadState();
  for (const one of [page, other]) {
    await one.goto(home + "/");
    await one.getByRole("heading", { name: "Sign in" }).waitFor();
    assert.equal(await one.locator("[data-figure]").count(), 0);
  }
  await elsewhere.close();
  await page.close();
});
