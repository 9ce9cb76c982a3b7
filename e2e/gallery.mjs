// Pictures of every page in light and dark, at 360 and 1440 px, of every report's PDF, chart and share card: to be looked at.

import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { demonstration, reports } from "./demonstration.mjs";

const FOLDER = resolve(import.meta.dirname, "../target/gallery");
rmSync(FOLDER, { recursive: true, force: true });
mkdirSync(FOLDER, { recursive: true });

const demo = await demonstration();
try {
  const all = await reports(demo);
  const others = [
    ["search", "/search?q=acceptance"],
    ["share", "/me/share"],
    ["survey", "/survey"],
    ["organization", "/settings/organization"],
    ["integrations", "/settings/integrations"],
    ["budgets", "/settings/budgets"],
    ["seat-exclusions", "/settings/seats"],
  ];
  for (const [name, address] of [...all, ...others]) {
    for (const colorScheme of ["light", "dark"]) {
      for (const width of [360, 1440]) {
        const context = await demo.browser.newContext({
          storageState: await demo.context.storageState(),
          colorScheme,
          viewport: { width, height: width === 360 ? 780 : 1000 },
        });
        const page = await context.newPage();
        await page.goto(demo.url + address);
        await page.screenshot({ path: join(FOLDER, `${name}-${colorScheme}-${width}.png`), fullPage: true });
        await context.close();
      }
    }
  }
  for (const [name] of all) {
    const pdf = join(FOLDER, `${name}.pdf`);
    writeFileSync(pdf, await demo.file(`/reports/${name}/report.pdf`));
    execFileSync("pdftoppm", ["-r", "60", "-png", pdf, join(FOLDER, `${name}-pdf`)]);
    const report = await demo.api(`/api/v1/reports/${name}`);
    for (const { id } of report.sections.filter((section) => section.chart)) {
      const reply = await demo.context.request.get(`${demo.url}/reports/${name}/${id}.png`);
      if (reply.ok()) writeFileSync(join(FOLDER, `${name}-chart-${id}.png`), await reply.body());
    }
  }
  console.log(`the pictures lie in ${FOLDER}`);
} finally {
  await demo.end();
}
