// The workbench of VS Code as code-server serves it, with a home of its own, and a person in it who does as the test says.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../harness.mjs";

const SERVER = process.env.TACHO_CODE_SERVER;
const EXTENSIONS = (process.env.TACHO_EXTENSIONS ?? "").split(":").filter(Boolean);
const SETTINGS = {
  "workbench.startupEditor": "none",
  "workbench.colorTheme": "Default Dark Modern",
  "window.commandCenter": false,
  "telemetry.telemetryLevel": "off",
  "extensions.autoUpdate": false,
  "extensions.ignoreRecommendations": true,
  "update.mode": "none",
  "workbench.hover.delay": 100,
};

/** Starts code-server; `ours` is whether the extension that is tested is installed. */
export async function workbench(environment, ours = true) {
  assert.ok(SERVER && EXTENSIONS.length > 0, "scripts/editor test sets TACHO_CODE_SERVER and TACHO_EXTENSIONS");
  const home = mkdtempSync(join(tmpdir(), "tacho-editor-"));
  const [data, extensions, folder] = ["data", "extensions", "project"].map((name) => join(home, name));
  for (const one of [join(data, "User"), extensions, folder]) mkdirSync(one, { recursive: true });
  const person = join(home, "person.json");
  // No variable of the machine that runs the test: a token or a proxy of its own would be used.
  const env = { PATH: process.env.PATH, HOME: home, LANG: "C.UTF-8", SHELL: "/bin/sh", TACHO_TEST_PERSON: person, ...environment };
  const places = ["--user-data-dir", data, "--extensions-dir", extensions, "--config", join(home, "code-server.yaml")];
  for (const file of EXTENSIONS.filter((name) => ours || name.includes("session-provider"))) {
    execFileSync(process.execPath, [SERVER, ...places, "--install-extension", file], { env, stdio: "pipe" });
  }
  writeFileSync(join(data, "User/settings.json"), JSON.stringify(SETTINGS));
  const does = { signed_in: [], next: null, settings: {} };
  const set = (settings) => writeFileSync(person, JSON.stringify(Object.assign(does, { settings: { ...does.settings, ...settings } })));
  const present = (signedIn, next = null) => writeFileSync(person, JSON.stringify(Object.assign(does, { signed_in: signedIn, next })));
  present([]);

  const port = await freePort();
  const flags = ["--auth", "none", "--disable-workspace-trust", "--disable-telemetry", "--disable-update-check", "--bind-addr", `127.0.0.1:${port}`];
  const child = spawn(process.execPath, [SERVER, ...places, ...flags, folder], { env, stdio: ["ignore", "pipe", "pipe"], detached: true });
  let log = "";
  const listens = new Promise((done, failed) => {
    const hear = (bytes) => (log += bytes).includes("HTTP server listening") && done();
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    child.once("exit", (code) => failed(new Error(`code-server ended with ${code}: ${log}`)));
  });
  await listens;
  return {
    url: `http://127.0.0.1:${port}/?folder=${encodeURIComponent(folder)}`,
    stateFile: join(home, ".local/state/tacho/status.json"),
    /** Changes settings. */
    set,
    /** Who is signed in to the editor from now on, and whom its sign-in would bring. */
    present,
    extensionHost: () => find(child.pid, (command) => command.includes("--type=extensionHost")),
    program: () => find(child.pid, (command) => command.includes("status\0--watch")),
    activatedAt: () => activatedAt(data),
    /** Whether the editor has activated all that it activates at the start. */
    isActivated: () => logged(data).includes("Eager extensions activated"),
    /** Everything that the editor wrote, to look for what must not be there. */
    written: () => filesBelow(data).map((file) => readFileSync(file, "latin1")).join("\n"),
    log: () => log,
    async end() {
      const ended = new Promise((done) => child.once("close", done));
      process.kill(-child.pid, "SIGTERM");
      await ended;
      rmSync(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
    },
  };
}

/** When the extension was last activated, in milliseconds, as the extension host has logged it. */
function activatedAt(data) {
  const line = /^(\S+ \S+) .*_doActivateExtension tacho-dev\.tacho,/gm;
  return Math.max(...[...logged(data).matchAll(line)].map(([, at]) => new Date(at.replace(" ", "T")).getTime()));
}

/** What the extension hosts have logged. */
function logged(data) {
  const files = filesBelow(join(data, "logs")).filter((file) => file.includes("exthost") && file.endsWith(".log"));
  return files.map((file) => readFileSync(file, "utf8")).join("\n");
}

function filesBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}

/** The processes below another one whose command line fits, with what Linux tells of them. */
function find(root, fits) {
  const all = readdirSync("/proc").filter((name) => /^\d+$/.test(name)).flatMap(processOf);
  const below = new Set([root]);
  for (let grown = true; grown; ) {
    grown = false;
    for (const { pid, parent } of all) if (below.has(parent) && !below.has(pid)) grown = Boolean(below.add(pid));
  }
  return all.filter(({ pid, command }) => below.has(pid) && fits(command));
}

function processOf(pid) {
  try {
    const of = (name) => readFileSync(`/proc/${pid}/${name}`, "utf8");
    const number = (key) => Number(new RegExp(`^${key}:\\s+(\\d+)`, "m").exec(of("status"))?.[1]);
    return [{ pid: Number(pid), parent: number("PPid"), command: of("cmdline"), environment: of("environ"), residentKib: number("VmRSS"), ownKib: number("RssAnon") }];
  } catch {
    return [];
  }
}

/** The processes of `find` that are there at last. */
export async function soon(look, what) {
  for (let tries = 0; tries < 300; tries += 1) {
    const found = await look();
    if (found && (!Array.isArray(found) || found.length > 0)) return found;
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error(`${what}: not within 30 s`);
}
