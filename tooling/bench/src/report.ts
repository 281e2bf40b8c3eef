import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Mt19937, ndarray } from '@ntk-lens/core';
import { type HeatMapPart, renderPage } from '@ntk-lens/report/page';
import { hasChromium, launchChromium } from '@ntk-lens/testing/chromium';
import { optionsOf } from './front/options-of.js';
import { verdict } from './measure/print.js';
import { scratchFolder, timed, writeFigures } from './measure/resources.js';

/** Milliseconds. */
const TARGETS = { open: 2000, frame: 100 };
/** Moves of the pointer in each measurement. */
const MOVES = 120;

const values = optionsOf('report');
const rows = values.quick ? 32 : values.rows;
const random = new Mt19937(values.seed);
const side = (label: string) => ({
  label,
  groups: Array.from({ length: rows }, (_, i) => i % 2),
  names: ['negative', 'positive'],
  texts: Array.from({ length: rows }, (_, i) => [
    `sentence ${i} of ${label}, about as long as those that people write`,
  ]),
});
const map: HeatMapPart = {
  kind: 'heat-map',
  map: {
    ...{ title: 'kernel', value: 'K', rows: side('train'), columns: side('test') },
    values: ndarray(
      Float64Array.from({ length: rows ** 2 }, () => random.randomSample() - 0.5),
      [rows, rows],
    ),
  },
};
if (!hasChromium) throw new Error('This bench needs Chromium: set CHROMIUM_PATH.');
const file = join(scratchFolder(), 'report.html');
const { seconds: drawing } = await timed(async () =>
  writeFileSync(file, renderPage({ title: 'report', sections: [{ title: 'Kernel', parts: [map] }] })),
);
const browser = await launchChromium();
try {
  // The first page of a browser waits for the browser itself.
  await (await browser.newPage()).goto('about:blank');
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  const start = performance.now();
  await page.goto(pathToFileURL(file).href);
  await page.locator('.heat-map.started canvas').waitFor();
  await page.evaluate('new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))');
  const open = performance.now() - start;

  for (let i = 0; i < 6; i++) await page.getByRole('button', { name: 'Zoom in' }).click();
  const box = (await page.locator('canvas').first().boundingBox())!;
  const at = (i: number) =>
    [
      box.x + box.width * (0.5 + 0.4 * Math.cos(i / 12)),
      box.y + box.height * (0.5 + 0.4 * Math.sin(i / 9)),
    ] as const;
  await page.mouse.move(...at(0));
  await page.mouse.down();
  await page.evaluate(`(() => {
    globalThis.frames = [];
    let last = performance.now();
    const next = (now) => { globalThis.frames.push(now - last); last = now; requestAnimationFrame(next); };
    requestAnimationFrame(next);
  })()`);
  for (let i = 1; i <= MOVES; i++) await page.mouse.move(...at(i));
  await page.mouse.up();
  const frames = (await page.evaluate('globalThis.frames')) as number[];
  const longest = Math.max(...frames.slice(1));
  const bytes = statSync(file).size;
  console.log(
    `a heat map of ${rows} × ${rows}: drawn in ${drawing.toFixed(2)} s, ${(bytes / 1e6).toFixed(2)} MB`,
  );
  console.log(`opens in ${open.toFixed(0)} ms, at most ${TARGETS.open}: ${verdict(open <= TARGETS.open)}`);
  console.log(
    `longest of ${frames.length} frames while it moves ${longest.toFixed(0)} ms, at most ${TARGETS.frame}: ${verdict(longest <= TARGETS.frame)}`,
  );
  writeFigures(values.json, { rows, drawing, bytes, open, longest, frames: frames.length });
} finally {
  await browser.close();
}
