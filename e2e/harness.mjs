// What journeys share: the program, a browser that remembers what pages complained of, and the accessibility check.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import AxeBuilder from "@axe-core/playwright";
import { chromium } from "playwright-core";

const HERE = import.meta.dirname;
export const BINARY = resolve(HERE, process.env.TACHO_BINARY ?? "../target/debug/tacho");
export const SHOTS = resolve(HERE, "../target/screenshots");

const BROWSER_FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Starts the program; `lines` are what it prints, in order, as they come. */
export function start(args, environment = {}) {
  const child = spawn(BINARY, args, { stdio: ["pipe", "pipe", "pipe"], env: { PATH: process.env.PATH, HOME: process.env.HOME, ...environment } });
  let log = "";
  child.stderr.on("data", (bytes) => (log += bytes));
  const waiting = [];
  const lines = [];
  createInterface({ input: child.stdout }).on("line", (line) => (waiting.length ? waiting.shift().done(line) : lines.push(line)));
  const ended = new Promise((done) => child.once("exit", (code, signal) => done(code ?? signal)));
  ended.then((how) => {
    for (const one of waiting) one.failed(new Error(`\`tacho ${args[0]}\` ended with ${how}: ${log}`));
  });
  return {
    line: () => (lines.length ? Promise.resolve(lines.shift()) : new Promise((done, failed) => waiting.push({ done, failed }))),
    say: (text) => child.stdin.write(text + "\n"),
    log: () => log,
    async stop() {
      if (child.exitCode === null && child.signalCode === null) child.kill("SIGTERM");
      return ended;
    },
  };
}

/** A port that is free now. */
export async function freePort() {
  const server = createServer();
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

export async function openBrowser() {
  mkdirSync(SHOTS, { recursive: true });
  return chromium.launch({ executablePath: process.env.TACHO_TEST_BROWSER || "/usr/bin/chromium", headless: true, args: BROWSER_FLAGS });
}

/** A page that remembers what it complained of and whom it called besides `home`. */
export async function watched(context, home) {
  const page = await context.newPage();
  page.complaints = [];
  page.foreign = [];
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && page.complaints.push(message.text()));
  page.on("pageerror", (error) => page.complaints.push(String(error)));
  page.on("request", (request) => {
    if (!request.url().startsWith(home) && !request.url().startsWith("data:")) page.foreign.push(request.url());
  });
  return page;
}

/** Fails with what axe finds on the page as it stands. */
export async function accessible(page) {
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
  const { violations } = await new AxeBuilder({ page }).withTags(tags).analyze();
  const told = violations.map((one) => `${one.id}: ${one.help}: ${one.nodes.map((node) => node.target.join(" ")).slice(0, 3)}`);
  assert.deepEqual(told, [], page.url());
}

/** The page in light and dark, narrow and wide: accessible, not wider than the window, and kept as a picture. */
export async function looked(browser, context, address, name) {
  for (const colorScheme of ["light", "dark"]) {
    for (const width of [360, 1440]) {
      const view = await browser.newContext({
        storageState: await context.storageState(),
        colorScheme,
        reducedMotion: "reduce",
        viewport: { width, height: width === 360 ? 780 : 1000 },
      });
      await view.addInitScript(() => {
        window.shifted = 0;
        window.shifting = [];
        const named = ({ node, previousRect, currentRect }) =>
          `${node?.nodeName}.${node?.className} from ${Math.round(previousRect.y)} to ${Math.round(currentRect.y)}`;
        const add = (list) =>
          list.getEntries().filter((entry) => !entry.hadRecentInput).forEach((entry) => {
            window.shifted += entry.value;
            window.shifting.push(...entry.sources.map(named));
          });
        new PerformanceObserver(add).observe({ type: "layout-shift", buffered: true });
      });
      const page = await watched(view, new URL(address).origin);
      await page.goto(address);
      await page.screenshot({ path: join(SHOTS, `${name}-${colorScheme}-${width}.png`), fullPage: true });
      await accessible(page);
      const [shifted, shifting] = await page.evaluate(() => [window.shifted, window.shifting.join("; ")]);
      assert.ok(shifted < 0.001, `${address} moves by ${shifted} at ${width} px: ${shifting}`);
      const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      assert.equal(wider, 0, `${address} scrolls sideways at ${width} px`);
      assert.deepEqual(page.complaints, [], address);
      assert.deepEqual(page.foreign, [], address);
      await view.close();
    }
  }
}
