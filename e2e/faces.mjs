// What a cell of a report's JSON must read as on each face: an opinion of its own on how numbers are written.

import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const grouped = (whole) => Math.abs(whole).toLocaleString("en-US");

/** Dollars and cents, halves away from zero. */
function dollars(micros) {
  const cents = Math.floor((Math.abs(micros) + 5_000) / 10_000);
  return `${micros < 0 && cents > 0 ? "-" : ""}$${grouped(Math.floor(cents / 100))}.${String(cents % 100).padStart(2, "0")}`;
}

/** One decimal as the program rounds: from the exact binary value, halves to even, which is what toFixed does not promise. */
const decimals = (value, places) => value.toFixed(places);

/** Two decimals, the thousands before the point separated. */
const groupedDecimals = (value) => decimals(value, 2).replace(/\B(?=(\d{3})+\.)/g, ",");

/** As a person reads it; undefined: a picture, which has no words. */
export function shown(cell) {
  const { unit, value } = cell;
  switch (unit) {
    case "nothing":
    case "unknown":
      return "-";
    case "text":
      return value;
    case "link":
      return value.text;
    case "count":
      return (value < 0 ? "-" : "") + grouped(value);
    case "number":
      return Number.isInteger(value) ? (value < 0 ? "-" : "") + grouped(value) : groupedDecimals(value);
    case "share":
      return `${decimals(value * 100, 1)} %`;
    case "money":
      return dollars(value);
    case "duration":
      return duration(value);
    case "day":
      return value;
    case "instant":
      return instant(value);
    case "spark":
      return undefined;
    default:
      throw new Error(`a cell of unit ${unit}`);
  }
}

/** A length of time in the unit that fits: hours up to two days. Tenths as the program rounds: the exact binary value, halves to even. */
function duration(seconds) {
  const size = Math.abs(seconds);
  const sign = seconds < 0 ? "-" : "";
  const tenths = (value) => (value % 1 === 0.25 ? value - 0.05 : value).toFixed(1);
  if (size < 60) return `${sign}${size} s`;
  if (size < 3_600) return `${sign}${Math.floor((size + 30) / 60)} min`;
  return sign + (size < 172_800 ? `${tenths(size / 3_600)} h` : `${tenths(size / 86_400)} d`);
}

const instant = (value) => `${new Date(typeof value === "number" ? value / 1000 : value).toISOString().slice(0, 16).replace("T", " ")} UTC`;

/** As a spreadsheet reads it out of a CSV file. */
export function plain(cell) {
  const { unit, value } = cell;
  const neutral = (text) => (/^[=+\-@\t\r\n]/.test(text) ? `'${text}` : text);
  if (unit === "nothing" || unit === "unknown") return "";
  if (unit === "text") return neutral(value);
  if (unit === "link") return neutral(value.text);
  if (unit === "money") {
    const micros = Math.abs(value);
    return `${value < 0 ? "-" : ""}${Math.floor(micros / 1e6)}.${String(micros % 1e6).padStart(6, "0")}`;
  }
  if (unit === "duration") return (value / 3_600).toFixed(4);
  if (unit === "instant") return typeof value === "string" ? value : new Date(value / 1000).toISOString();
  return String(value);
}

/** RFC 4180 text as rows of fields. */
export function csv(text) {
  const rows = [];
  let row = [], field = "", quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (quoted) {
      if (character === '"' && text[at + 1] === '"') { field += '"'; at += 1; }
      else if (character === '"') quoted = false;
      else field += character;
    } else if (character === '"') quoted = true;
    else if (character === ",") { row.push(field); field = ""; }
    else if (character === "\r" && text[at + 1] === "\n") { row.push(field); rows.push(row); row = []; field = ""; at += 1; }
    else field += character;
  }
  assert.equal(field, "", "a CSV file ends with a line end");
  return rows;
}

/** The places of a table's columns that have words or numbers: small pictures stay on the page. */
export const written = (table) =>
  table.columns.map((_, place) => place).filter((place) => !table.rows.some((row) => row[place].unit === "spark"));

/** The text of a PDF, by two readers. */
export function pdfTexts(bytes) {
  const folder = mkdtempSync(join(tmpdir(), "tacho-pdf-"));
  try {
    const file = join(folder, "report.pdf");
    writeFileSync(file, bytes);
    const options = { encoding: "utf8", maxBuffer: 64 << 20 };
    return {
      poppler: execFileSync("pdftotext", ["-raw", file, "-"], options),
      mupdf: execFileSync("mutool", ["draw", "-q", "-F", "txt", file], options),
      fonts: execFileSync("pdffonts", [file], options),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

