//! What comes of settings, however odd.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { needsRestart, programArguments, settings } from "../src/settings";

const MANIFEST = JSON.parse(readFileSync(join(__dirname, "../../package.json"), "utf8"));
const PROPERTIES: Record<string, { default: unknown; minimum?: number; maximum?: number; enum?: string[] }> = MANIFEST.contributes.configuration.properties;

const of = (values: Record<string, unknown>) => settings((name) => values[name]);

test("without settings everything is as the manifest says", () => {
  const standard = of(Object.fromEntries(Object.entries(PROPERTIES).map(([name, { default: value }]) => [name.replace("tacho.", ""), value])));
  assert.deepEqual(of({}), standard);
  assert.deepEqual(standard, {
    enabled: true,
    tools: ["copilot"],
    interval: 60,
    warning: 75,
    critical: 90,
    background: false,
    format: "used",
    position: "right",
    account: "github",
    server: null,
    binary: "",
  });
});

test("numbers are kept within the bounds of the manifest", () => {
  for (const [name, bound] of Object.entries(PROPERTIES).filter(([, one]) => one.minimum !== undefined)) {
    const key = name.replace("tacho.", "") as "interval" | "warning" | "critical";
    const high = { critical: 100 };
    assert.equal(of({ ...high, [key]: -5 })[key], bound.minimum, name);
    assert.equal(of({ ...high, [key]: 1e9 })[key], bound.maximum, name);
    assert.equal(of({ [key]: "nonsense" })[key], bound.default, name);
    assert.equal(of({ [key]: null })[key], bound.default, name);
  }
  assert.equal(of({ interval: "45" }).interval, 45);
});

test("the warning never comes after the critical mark", () => {
  assert.deepEqual([of({ warning: 95 }).warning, of({ warning: 95, critical: 80 }).warning, of({ critical: 50 }).warning], [90, 80, 50]);
});

test("every choice of the manifest is taken, and no other", () => {
  for (const [name, { enum: choices }] of Object.entries(PROPERTIES)) {
    const key = name.replace("tacho.", "") as "format";
    for (const choice of choices ?? []) assert.equal(of({ [key]: choice })[key], choice);
    if (choices) assert.equal(of({ [key]: "other" })[key], PROPERTIES[name]?.default);
  }
});

test("the tools become arguments, a server adds the team", () => {
  assert.deepEqual(programArguments(of({ tools: ["codex", "copilot", "--watch", 7] })), ["status", "--watch", "--format", "vscode", "--tool", "copilot", "--tool", "codex"]);
  assert.deepEqual(programArguments(of({ tools: [], server: "https://tacho.example.com" })).slice(4), ["--tool", "copilot", "--tool", "team"]);
  assert.equal(of({ server: "ftp://tacho.example.com" }).server, null);
});

test("colours and numbers are told to the program that runs, the rest starts it anew", () => {
  const before = of({});
  for (const change of [{ interval: 30 }, { warning: 10 }, { critical: 80 }, { format: "left" }, { background: true }, { position: "left" }]) {
    assert.equal(needsRestart(before, of(change)), false, JSON.stringify(change));
  }
  for (const change of [{ enabled: false }, { tools: ["codex"] }, { account: "github-enterprise" }, { binary: "/x" }, { server: "https://x.example" }]) {
    assert.equal(needsRestart(before, of(change)), true, JSON.stringify(change));
  }
});
