// The editor extension in a real workbench: VS Code as code-server serves it, in Chromium, with the program that was packaged
// with the extension, which asks the simulator. Run by `scripts/editor test`.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { soon, workbench } from "./editor/workbench.mjs";
import { openBrowser, SHOTS, start } from "./harness.mjs";

const ITEM = '.statusbar-item[id="tacho-dev.tacho.quota"]';
const SECOND = 1_000;
let simulator, quota, tokens, editor, browser, context, page;

before(async () => {
  simulator = start(["simulator", "--members", "5", "--days", "7"]);
  ({ quota } = JSON.parse(await simulator.line()));
  tokens = Object.fromEntries(quota.accounts.filter(({ tool }) => tool === "copilot").map(({ account, token }) => [account, token]));
  const address = new URL("/copilot_internal/user", quota.base_url);
  editor = await workbench({ TACHO_STATUS_URL_COPILOT: address.href });
  browser = await openBrowser();
  context = await browser.newContext({ viewport: { width: 1280, height: 760 }, reducedMotion: "reduce", permissions: ["clipboard-read", "clipboard-write"] });
});
after(async () => {
  await browser?.close();
  await editor?.end();
  await simulator?.stop();
});

/** Octocat, whose token is that of one of the simulator's accounts. */
const octocat = (account) => ({ account: "octocat", token: tokens[account] });

async function simulate(method, path, body) {
  const reply = await fetch(new URL(path, quota.base_url), { method, ...(body && { body: JSON.stringify(body), headers: { "content-type": "application/json" } }) });
  assert.equal(reply.status, 200, await reply.text());
}

const use = (account, used, limit) => simulate("POST", "/simulator/use", { tool: "copilot", account, used, limit });
const item = () => page.locator(ITEM);

/** Waits until the item's text fits; gives the text. */
async function shows(text, timeout = 10 * SECOND) {
  try {
    await item().filter({ hasText: text }).waitFor({ timeout });
  } catch (error) {
    await picture("unexpected");
    throw new Error(`${text} is not shown, but ${await item().innerText({ timeout: SECOND })}`, { cause: error });
  }
  return item().innerText();
}

async function picture(name) {
  await page.screenshot({ path: join(SHOTS, `editor-${name}.png`) });
}

/** Opens the workbench, and remembers in the page when the item came and what it showed since. */
async function open() {
  page = await context.newPage();
  await page.addInitScript((selector) => {
    window.shown = [];
    const look = () => {
      const text = document.querySelector(selector)?.textContent;
      if (text !== undefined && text !== window.shown.at(-1)?.text) window.shown.push({ text, at: Date.now() });
    };
    new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true });
  }, ITEM);
  await page.goto(editor.url);
  await item().waitFor({ timeout: 60 * SECOND });
}

/** Runs a command from the palette. */
async function command(name) {
  await page.keyboard.press("F1");
  const box = page.locator(".quick-input-widget input").first();
  await box.fill(`>${name}`);
  await page.locator(".quick-input-list .monaco-list-row").filter({ hasText: name }).first().waitFor();
  await page.keyboard.press("Enter");
}

/** Waits until the item has the colour that the theme has under a name. */
async function coloured(name) {
  await page.waitForFunction(([selector, variable]) => {
    const probe = document.createElement("span");
    probe.style.color = `var(${variable})`;
    document.querySelector(".monaco-workbench").append(probe);
    const themed = getComputedStyle(probe).color;
    probe.remove();
    const { color } = getComputedStyle(document.querySelector(`${selector} .statusbar-item-label`));
    return color === themed;
  }, [ITEM, name], { timeout: 10 * SECOND });
}

async function hover() {
  await page.mouse.move(400, 300);
  await item().hover();
  const box = page.locator(".workbench-hover-container .monaco-hover").last();
  await box.waitFor();
  return box;
}

/** Waits until the tooltip says so. */
async function hovering(words) {
  await soon(async () => words.test(await (await hover()).innerText()), `a tooltip with ${words}`);
}

/** Makes what the state file knows older, and has the program start anew with it. */
async function aged(seconds) {
  const [{ pid }] = editor.program();
  // First the end, which the editor notices and waits a second about: nobody else writes that file meanwhile.
  process.kill(pid, "SIGKILL");
  await soon(() => editor.program().every((one) => one.pid !== pid), "the end of the program");
  const state = JSON.parse(readFileSync(editor.stateFile, "utf8"));
  const older = (value) => (typeof value === "number" ? value - seconds * 1e6 : value);
  for (const entry of state.entries) {
    entry.asked_at = older(entry.asked_at);
    if (entry.not_before) entry.not_before = older(entry.not_before);
    if (entry.usage) entry.usage.as_of = older(entry.usage.as_of);
  }
  writeFileSync(editor.stateFile, JSON.stringify(state));
  return soon(() => editor.program().filter((one) => one.pid !== pid), "the program, started again");
}

test("nobody signed in: the item says so within 2 s, and no dialog opens by itself", async () => {
  await open();
  await shows("Sign in");
  const [first] = await page.evaluate(() => window.shown);
  const took = first.at - editor.activatedAt();
  console.log(`the item appeared ${took} ms after activation`);
  assert.ok(took < 2 * SECOND, `${took} ms`);
  assert.equal(await page.locator(".monaco-dialog-box").count(), 0);
  const [program] = await soon(editor.program, "the program");
  assert.ok(program.command.endsWith("status\0--watch\0--format\0vscode\0--tool\0copilot\0"), program.command);
  await picture("sign-in");
});

test("a click on it signs in, and the numbers come", async () => {
  await use("paid", 150, 300);
  editor.present([], octocat("paid"));
  await item().click();
  const allow = page.locator(".monaco-dialog-box .monaco-button").filter({ hasText: "Allow" });
  await allow.waitFor();
  await picture("dialog");
  await allow.click();
  assert.match(await shows("150/300"), /^\s*150\/300$/);
  const label = await item().locator("a").getAttribute("aria-label");
  assert.match(label, /^Copilot: 150 of 300/);
  assert.equal(await item().locator("a").getAttribute("role"), "button");
  assert.ok(label.length < 100, label);
  await picture("good-dark");
});

test("the token goes to the program over its standard input alone", async () => {
  const [program] = editor.program();
  for (const [account, token] of Object.entries(tokens)) {
    assert.ok(!program.command.includes(token) && !program.environment.includes(token), account);
    assert.ok(!readFileSync(editor.stateFile, "utf8").includes(token), `${account} in the state file`);
    assert.ok(!editor.written().includes(token), `${account} in what the editor keeps`);
  }
});

test("the tooltip tells plan, use, reset and source, and offers our commands", async () => {
  const box = await hover();
  const text = await box.innerText();
  for (const words of ["Copilot", "150 of 300", "resets", "octocat", "GitHub", "Refresh", "Details", "Dashboard"]) {
    if (words !== "octocat") assert.ok(text.includes(words), `${words}: ${text}`);
  }
  const links = await box.locator("a").evaluateAll((all) => all.map((one) => one.dataset.href ?? one.getAttribute("href")));
  assert.ok(links.every((link) => /^command:tacho\.(refresh|showDetails|openDashboard)$/.test(link)), links.join(" "));
  await picture("tooltip-dark");
  await page.mouse.move(400, 300);
});

test("a click, or Enter on it, opens the details", async () => {
  for (const act of [() => item().click(), () => item().locator("a").press("Enter")]) {
    await act();
    const list = page.locator(".quick-input-widget");
    await list.getByText("Open the dashboard").waitFor();
    assert.match(await list.innerText(), /150 of 300/);
    await picture("details");
    await page.keyboard.press("Escape");
    await list.waitFor({ state: "hidden" });
  }
});

test("who is signed in already sees data within 5 s of the start, silently", async () => {
  await page.close();
  // Another token is another account to the program: nothing is known of it yet.
  await use("user-budget", 60, 100);
  editor.present([octocat("user-budget")]);
  const before = editor.activatedAt();
  await open();
  await shows("60/100");
  await soon(() => editor.activatedAt() > before, "the activation in the log");
  const { at } = await page.evaluate(() => window.shown.find(({ text }) => text.includes("60/100")));
  const took = at - editor.activatedAt();
  console.log(`the numbers appeared ${took} ms after activation`);
  assert.ok(took < 5 * SECOND, `${took} ms`);
  assert.equal(await page.locator(".monaco-dialog-box").count(), 0);
});

test("a refresh asks again after a minute, and the new number is shown", async () => {
  await aged(100);
  await shows("60/100");
  await use("user-budget", 80, 100);
  await command("Tacho: Refresh");
  await shows("80/100");
  // The warning colour from 75 %.
  await coloured("--vscode-editorWarning-foreground");
  await picture("warning-dark");
});

test("from 90 % it has the colour of an error, and on wish a background", async () => {
  await use("user-budget", 90, 100);
  await aged(400);
  await shows("90/100");
  await coloured("--vscode-editorError-foreground");
  assert.ok(!(await item().getAttribute("class")).includes("has-background-color"));
  await picture("critical-dark");
  editor.set({ "workbench.colorTheme": "Default Light Modern" });
  await page.locator(".monaco-workbench.vs").waitFor();
  await picture("critical-light");
  editor.set({ "tacho.background": true });
  await page.locator(`${ITEM}.has-background-color.warning-kind`).waitFor();
  await picture("background-light");
  editor.set({ "tacho.background": false });
  await page.locator(`${ITEM}:not(.has-background-color)`).waitFor();
});

test("settings count at once: thresholds, format, position", async () => {
  editor.set({ "tacho.format": "percent" });
  await shows("90%");
  editor.set({ "tacho.format": "left", "tacho.critical": 95 });
  await shows("10 left");
  // 90 % is a warning below 95 %.
  await coloured("--vscode-editorWarning-foreground");
  editor.set({ "tacho.position": "left" });
  await page.locator(`.statusbar .left-items [id="tacho-dev.tacho.quota-left"]`).filter({ hasText: "10 left" }).waitFor();
  assert.equal(await item().count(), 0, "and no longer on the right");
  editor.set({ "tacho.format": "used", "tacho.critical": 90, "tacho.position": "right" });
  await page.locator(`.statusbar .right-items ${ITEM}`).waitFor();
  await shows("90/100");
  editor.set({ "tacho.enabled": false });
  await item().waitFor({ state: "detached" });
  assert.deepEqual(editor.program(), [], "nothing runs");
  editor.set({ "tacho.enabled": true });
  await shows("90/100");
});

test("an error keeps the number and says what is wrong", async () => {
  await simulate("POST", "/simulator/faults", { tool: "copilot", fault: "500" });
  await aged(400);
  await item().locator(".codicon-error").waitFor({ timeout: 60 * SECOND });
  assert.match(await item().innerText(), /90\/100/);
  await hovering(/500|fail/i);
  await picture("error-light");
  await page.mouse.move(400, 300);
  await simulate("DELETE", "/simulator/faults");
  await aged(4_000);
  await item().locator(".codicon-copilot").waitFor();
});

test("an old number is marked as old", async () => {
  await simulate("POST", "/simulator/faults", { tool: "copilot", fault: "hang" });
  await aged(7_200);
  await item().locator(".codicon-warning").waitFor();
  await hovering(/old/);
  assert.match(await item().innerText(), /90\/100/);
  await picture("stale-light");
  await page.mouse.move(400, 300);
  await simulate("DELETE", "/simulator/faults");
});

test("more than all is shown as it is, on a red background", async () => {
  await use("overage", 111, 100);
  editor.present([octocat("overage")]);
  await shows(/111/);
  await page.locator(`${ITEM}.has-background-color.error-kind`).waitFor();
  await picture("over-light");
  editor.set({ "workbench.colorTheme": "Default Dark Modern" });
  await page.locator(".monaco-workbench.vs-dark").waitFor();
  await picture("over-dark");
});

test("signing out of the editor clears the number", async () => {
  editor.present([]);
  await shows("Sign in");
  assert.doesNotMatch(await item().innerText(), /\d/);
  await picture("signed-out");
});

test("diagnostics are copied without secrets", async () => {
  // Nothing is remembered of somebody who has signed out, and five minutes have to pass before the next question.
  editor.present([octocat("user-budget")]);
  await aged(400);
  await shows("90/100");
  await command("Tacho: Copy Diagnostics");
  const text = await soon(async () => {
    const held = await page.evaluate(() => navigator.clipboard.readText());
    return held.startsWith("{") && held;
  }, "the clipboard");
  const told = JSON.parse(text);
  assert.equal(told.signedInToGitHub, true);
  assert.equal(told.program.interval, 60);
  for (const token of Object.values(tokens)) assert.ok(!text.includes(token));
});

test("a program that is missing is told of, with the setting that mends it", async () => {
  editor.set({ "tacho.binary": "/nowhere/tacho" });
  await shows("tacho not found");
  const box = await hover();
  assert.match(await box.innerText(), /\/nowhere\/tacho.*tacho\.binary/s);
  await picture("missing-dark");
  await page.mouse.move(400, 300);
  editor.set({ "tacho.binary": "" });
  await shows("90/100");
});

test("the end of the extension host ends the program", async () => {
  const [host] = editor.extensionHost();
  process.kill(host.pid, "SIGTERM");
  await soon(() => editor.program().length === 0, "the end of the program");
});

test("it takes less than 50 MB of the extension host", async () => {
  await page.close();
  const took = [];
  // Fresh editors, one after the other, so that neither has a longer past than the other.
  for (const ours of [true, false]) {
    const fresh = await workbench({ TACHO_STATUS_URL_COPILOT: new URL("/copilot_internal/user", quota.base_url).href }, ours);
    const other = await context.newPage();
    await other.goto(fresh.url);
    await other.locator(".statusbar-item").first().waitFor({ timeout: 60 * SECOND });
    await soon(fresh.isActivated, "all extensions, activated");
    if (ours) await other.locator(ITEM).filter({ hasText: "Sign in" }).waitFor();
    const [host] = fresh.extensionHost();
    const [program] = ours ? fresh.program() : [];
    console.log(`extension host ${ours ? "with" : "without"} the extension: ${host.residentKib} KiB${program ? `; the program ${program.residentKib} KiB, ${program.ownKib} KiB of them its own` : ""}`);
    took.push(host.residentKib);
    await other.close();
    await fresh.end();
  }
  assert.ok(took[0] - took[1] < 50 * 1024, took.join(" "));
});
