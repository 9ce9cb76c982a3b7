// One report, many faces: what REST says, the page, the CSV files, the spreadsheet and the PDF say too, cell by cell.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import readExcelFile from "read-excel-file/node";
import { demonstration, reports } from "./demonstration.mjs";
import { csv, pdfTexts, plain, shown, written } from "./faces.mjs";
import { watched } from "./harness.mjs";

const QUERY = "days=28&limit=500";
let demo, all;

before(async () => {
  demo = await demonstration();
  all = await reports(demo);
});
after(() => demo?.end());

/** Without blanks and the places where a narrow column may break a word. */
const squeezed = (text) => text.replace(/[\s\u00ad\u200b]+/g, "");

const figures = (report) => report.groups.flatMap((group) => group.figures);

async function onThePage(report, address) {
  const page = await watched(demo.context, demo.url);
  await page.goto(`${demo.url}${address}?${QUERY}`);
  for (const figure of figures(report)) {
    const text = (await page.locator(`[data-figure="${figure.id}"]`).innerText()).trim();
    assert.equal(text, shown(figure.value), `${report.name}: ${figure.id}`);
  }
  let cells = 0;
  for (const { id, table } of report.sections) {
    const found = await page.locator(`section#${id} table`).evaluateAll((tables) =>
      tables.slice(0, 1).map((table) => [...table.tBodies].flatMap((body) => [...body.rows].map((row) => [...row.cells].map((cell) => cell.dataset.text ?? cell.textContent.trim())))),
    );
    if (table.rows.length === 0) continue;
    assert.equal(found.length, 1, `${report.name}: ${id} has a table`);
    assert.equal(found[0].length, table.rows.length, `${report.name}: rows of ${id}`);
    table.rows.forEach((row, at) => {
      for (const place of written(table)) {
        assert.equal(found[0][at][place].replace(/\s+/g, " "), shown(row[place]).replace(/\s+/g, " ").trim(), `${report.name}: ${id}, row ${at}, ${table.columns[place].id}`);
        cells += 1;
      }
    });
  }
  assert.deepEqual(page.complaints, [], address);
  assert.deepEqual(page.foreign, [], address);
  await page.close();
  return cells;
}

async function inFiles(report) {
  for (const { id, table } of report.sections.filter((section) => section.table.columns.length > 0)) {
    const rows = csv((await demo.file(`/reports/${report.name}/${id}.csv?${QUERY}`)).toString("utf8"));
    const places = written(table);
    assert.deepEqual(rows[0], places.map((place) => plain({ unit: "text", value: table.columns[place].label })), `${report.name}: head of ${id}.csv`);
    assert.deepEqual(rows.slice(1), table.rows.map((row) => places.map((place) => plain(row[place]))), `${report.name}: ${id}.csv`);
  }
}

/** A cell as a spreadsheet holds it: numbers as numbers, dollars in dollars, days as dates. */
function typed(cell) {
  const { unit, value } = cell;
  if (unit === "nothing") return null;
  if (unit === "text") return value === "" ? null : value;
  if (unit === "link") return value.text;
  if (unit === "money") return value / 1e6;
  if (unit === "duration") return value / 3_600;
  if (unit === "day") return value;
  return value;
}

async function inTheSheet(report) {
  const sheets = await readExcelFile(Buffer.from(await demo.file(`/reports/${report.name}/report.xlsx?${QUERY}`)));
  const sections = report.sections.filter((section) => section.table.columns.length > 0);
  assert.equal(sheets.length, sections.length + 1, `${report.name}: a sheet a table and one about it`);
  sections.forEach(({ id, table }, index) => {
    const places = written(table);
    const { data } = sheets[index + 1];
    const labels = places.map((place) => table.columns[place].label);
    const head = data.findIndex((row) => row[0] === labels[0]);
    assert.deepEqual(data[head].slice(0, labels.length), labels, `${report.name}: head of sheet ${id}`);
    table.rows.forEach((row, at) => {
      places.forEach((place, column) => {
        const found = data[head + 1 + at][column];
        const wanted = typed(row[place]);
        const of = `${report.name}: sheet ${id}, row ${at}, ${table.columns[place].id}`;
        if (row[place].unit === "instant") assert.ok(found instanceof Date, of);
        else if (found instanceof Date) assert.equal(found.toISOString().slice(0, 10), wanted, of);
        else if (typeof wanted === "number") assert.ok(Math.abs(found - wanted) <= Math.abs(wanted) * 1e-12, `${of}: ${found} is not ${wanted}`);
        else assert.equal(found, wanted, of);
      });
    });
  });
}

async function inThePdf(report) {
  const bytes = await demo.file(`/reports/${report.name}/report.pdf?${QUERY}`);
  const { poppler, mupdf, fonts } = pdfTexts(bytes);
  assert.ok(!/\bno\s+(yes|no)\s+(yes|no)\b/.test(fonts), `${report.name}: every font is embedded:\n${fonts}`);
  for (const [reader, text] of [["poppler", squeezed(poppler)], ["mupdf", squeezed(mupdf)]]) {
    for (const figure of figures(report)) {
      assert.ok(text.includes(squeezed(shown(figure.value))), `${report.name}: ${figure.id} ${shown(figure.value)} by ${reader}`);
    }
    for (const { id, title, table } of report.sections) {
      assert.ok(text.includes(squeezed(title)), `${report.name}: ${title} by ${reader}`);
      for (const row of table.rows) {
        for (const place of written(table)) {
          const words = squeezed(shown(row[place]));
          assert.ok(text.includes(words), `${report.name}: ${id}: ${words} by ${reader}`);
        }
      }
    }
  }
}

test("every report says the same on its page, in its files, in its sheet and in its PDF", async (context) => {
  for (const [name, address] of all) {
    await context.test(name, async () => {
      const report = await demo.api(`/api/v1/reports/${name}?${QUERY}`);
      assert.equal(report.name, name);
      const cells = await onThePage(report, address);
      // A vendor without totals of its own leaves nothing to reconcile with, and the page says so.
      if (name.startsWith("reconciliation-")) assert.ok(report.sections.length + report.notes.length > 0, name);
      else assert.ok(figures(report).length > 0 && cells > 20, `${name}: ${cells} cells were read on the page`);
      await inFiles(report);
      await inTheSheet(report);
      await inThePdf(report);
    });
  }
});
