//! What comes of a line, of broken lines, and of lines from another version.

import assert from "node:assert/strict";
import { test } from "node:test";
import { parse, type Picture, shortened, webAddress } from "../src/line";
import { Lines } from "../src/lines";
import { escaped, missing, troubled } from "../src/states";

const GOOD = {
  version: 1,
  text: "50/100",
  icon: "copilot",
  level: "ok",
  state: "good",
  label: "Copilot: 50 of 100 premium requests used, resets 1 December",
  tooltip: "**Copilot**",
  details: [{ label: "Premium requests", description: "50 of 100", detail: "asked 2 minutes ago" }],
  dashboard: "https://github.com/settings/billing",
  diagnostics: { version: "0.1.0" },
};

function picture(line: unknown): Picture {
  const read = parse(JSON.stringify(line));
  assert.ok(typeof read !== "string", String(read));
  return read;
}

test("a good line is taken as it is", () => {
  const { version: _, state, ...rest } = GOOD;
  assert.deepEqual(picture(GOOD), { ...rest, condition: state });
});

test("a line that cannot be read says why", () => {
  for (const [line, why] of [
    ["{", "not JSON"],
    ["[]", "not an object"],
    ["null", "not an object"],
    [JSON.stringify({ ...GOOD, version: 2 }), "version `2`"],
    [JSON.stringify({ ...GOOD, version: undefined }), "version nothing"],
    [JSON.stringify({ ...GOOD, text: 50 }), "without a text"],
  ] as const) {
    const read = parse(line);
    assert.ok(typeof read === "string" && read.includes(why), `${line}: ${JSON.stringify(read)}`);
  }
});

test("every cut of a line and every wrong kind of field is survived", () => {
  const line = JSON.stringify(GOOD);
  for (let end = 0; end < line.length; end += 1) assert.equal(typeof parse(line.slice(0, end)), "string");
  for (const field of Object.keys(GOOD)) {
    for (const value of [null, true, 7, "words", [], {}, [[7]], [{ label: 7 }]]) parse(JSON.stringify({ ...GOOD, [field]: value }));
  }
});

test("an icon is a name and nothing else", () => {
  assert.equal(picture({ ...GOOD, icon: "warning) $(x" }).icon, "");
  assert.equal(picture({ ...GOOD, icon: "sync~spin" }).icon, "");
});

test("an unknown level colours nothing, an unknown state is an error", () => {
  assert.equal(picture({ ...GOOD, level: "purple" }).level, "ok");
  assert.equal(picture({ ...GOOD, state: "purple" }).condition, "error");
});

test("a label is below 100 characters, and a missing one is the text", () => {
  assert.equal(shortened("a".repeat(99)).length, 99);
  assert.equal([...shortened("😀".repeat(300))].length, 99);
  assert.equal(picture({ ...GOOD, label: undefined }).label, "50/100");
});

test("a browser is sent to https, or to this machine", () => {
  assert.equal(webAddress("https://github.com/x"), "https://github.com/x");
  assert.equal(webAddress("http://127.0.0.1:8787/"), "http://127.0.0.1:8787/");
  for (const address of ["http://github.com", "file:///etc/passwd", "javascript:alert(1)", "command:x", "", 7, null]) assert.equal(webAddress(address), null, String(address));
});

test("lines are put together from pieces, and a mad one is dropped", () => {
  const seen: string[] = [];
  const lines = new Lines((line) => seen.push(line));
  const bytes = Buffer.from("ä\nö\r\n\n€", "utf8");
  for (const byte of bytes) lines.add(Buffer.from([byte]));
  for (let piece = 0; piece < 40; piece += 1) lines.add(Buffer.alloc(10_000, "x"));
  lines.add(Buffer.from("\nlast\n"));
  assert.deepEqual(seen, ["ä", "ö\r", "last"]);
});

test("trouble keeps the number and marks it", () => {
  const after = troubled(picture(GOOD), "it ended with 1");
  assert.equal(after.text, "50/100 $(warning)");
  assert.equal(after.level, "ok");
  assert.ok(after.tooltip.startsWith("**Copilot**"));
  assert.equal(troubled(undefined, "it ended with 1").text, "tacho error");
  assert.ok(missing("/no/such", "there is no such program").tooltip.includes("tacho\\.binary"));
  assert.ok(missing("/no/such", "there is no such program").label.length < 100);
});

test("escaped words are only words", () => {
  assert.equal(escaped("[a](command:b) $(x)\n**c**"), "\\[a\\]\\(command:b\\) \\$\\(x\\) \\*\\*c\\*\\*");
});
