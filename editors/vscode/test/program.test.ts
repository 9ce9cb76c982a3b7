//! Real child processes: what they are told, what is heard of them, and that they are started again and ended.

import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test, type TestContext } from "node:test";
import { Backoff } from "../src/backoff";
import { binary } from "../src/binary";
import { Program, type Trouble } from "../src/program";

const FOLDER = mkdtempSync(join(tmpdir(), "tacho-program-"));
/** What a program waits here before it is started again, in milliseconds. */
const FIRST_MS = 20;
after(() => rmSync(FOLDER, { recursive: true }));

/** A program of that script, and what is heard of it, one after the other. */
function heard(context: TestContext, script: string) {
  const file = join(FOLDER, `${Math.random()}.js`);
  writeFileSync(file, script);
  return listened(context, process.execPath, [file]);
}

function listened(context: TestContext, path: string, args: string[]) {
  const news: unknown[] = [];
  const waiting: ((one: unknown) => void)[] = [];
  const add = (one: unknown): void => {
    const waits = waiting.shift();
    if (waits) waits(one);
    else news.push(one);
  };
  const listener = { started: () => add("started"), line: (text: string) => add(text), trouble: (trouble: Trouble) => add(trouble) };
  const program = new Program(path, args, listener, new Backoff(FIRST_MS));
  context.after(() => program.stop());
  program.start();
  return { program, next: async (): Promise<unknown> => (news.length > 0 ? news.shift() : new Promise((done) => waiting.push(done))) };
}

/** Whether a process is still there. */
function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test("it is told of the session on its standard input, and neither its arguments nor its variables know the token", async (context) => {
  const script = `
    require("node:readline").createInterface({ input: process.stdin }).on("line", (line) => {
      const { session } = JSON.parse(line);
      console.log(JSON.stringify([session.account, JSON.stringify([process.argv, process.env]).includes(session.token)]));
    });`;
  const { program, next } = heard(context, script);
  assert.equal(await next(), "started");
  program.tell({ session: { host: "github.com", account: "octocat", token: "gho_quite-secret" } });
  assert.equal(await next(), '["octocat",false]');
});

test("a program that ends is told of with its last words, and started again", async (context) => {
  const { program, next } = heard(context, `console.error("one"); console.error("disk full"); process.exitCode = 78;`);
  assert.equal(await next(), "started");
  assert.deepEqual(await next(), { kind: "ended", why: "it ended with 78: disk full", againMs: FIRST_MS });
  program.hurry();
  assert.equal(await next(), "started");
  assert.deepEqual(await next(), { kind: "ended", why: "it ended with 78: disk full", againMs: FIRST_MS });
  assert.equal(await next(), "started", "a moment later by itself");
});

test("a program that is not there, or may not be run, is told of once", async (context) => {
  const { next } = listened(context, join(FOLDER, "no-such-program"), []);
  assert.deepEqual(await next(), { kind: "missing", why: "there is no such program" });
  const plain = join(FOLDER, "plain");
  writeFileSync(plain, "words");
  assert.deepEqual(await listened(context, plain, []).next(), { kind: "missing", why: "it may not be run" });
});

test("stopping ends the process and silences it", async (context) => {
  const { program, next } = heard(context, `process.on("SIGTERM", () => { console.log("late"); process.exit(0); }); console.log("up"); setInterval(() => {}, 1000);`);
  assert.equal(await next(), "started");
  assert.equal(await next(), "up");
  const pid = program.processId;
  assert.ok(pid !== undefined && lives(pid));
  program.stop();
  const silent = next();
  while (lives(pid)) await new Promise((done) => setImmediate(done));
  program.tell({ refresh: true });
  program.start();
  assert.equal(program.processId, undefined);
  assert.equal(await Promise.race([silent, new Promise((done) => setImmediate(() => done("silent")))]), "silent");
});

test("the waits double to a minute, and start afresh after a good run", () => {
  const backoff = new Backoff();
  assert.deepEqual(Array.from({ length: 8 }, () => backoff.ended(10)), [1, 2, 4, 8, 16, 32, 60, 60].map((seconds) => seconds * 1_000));
  assert.equal(backoff.ended(60_000), 1_000);
  assert.equal(backoff.ended(10), 2_000);
  backoff.reset();
  assert.equal(backoff.ended(10), 1_000);
});

test("the setting names the program, then the packaged one is taken, then the one on the path", () => {
  assert.equal(binary("/opt/tacho", FOLDER), "/opt/tacho");
  assert.ok(!binary("~/bin/tacho", FOLDER).startsWith("~"));
  assert.ok(["tacho", "tacho.exe"].includes(binary("", FOLDER)));
  const extension = mkdtempSync(join(FOLDER, "extension-"));
  const path = join(extension, "bin", process.platform === "win32" ? "tacho.exe" : "tacho");
  mkdirSync(join(extension, "bin"));
  writeFileSync(path, "");
  chmodSync(path, 0o755);
  assert.equal(binary("", extension), path);
});
