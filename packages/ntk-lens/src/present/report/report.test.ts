import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { renderPage } from '@ntk-lens/report/page';
import {
  type Browser,
  type BrowserContextOptions,
  hasChromium,
  launchChromium,
  type Page,
} from '@ntk-lens/testing/chromium';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { madeRun } from '../../testing/made-run.js';
import { runCli } from '../../testing/run-cli.js';

const evil = '<script>globalThis.planted=1</script><img src=x onerror="globalThis.planted=1">';
const root = await temporaryDirectory();
const made = {
  ...{ train: 8, test: 14, task: `${evil}` },
  labels: [`bad ${evil}`, 'good'] as const,
  textOf: (split: string, i: number) => (i === 2 ? `${evil} ${split}` : `sentence ${i} of ${split}`),
};

describe('ntk-lens report', () => {
  it('writes one file of a directory with kernels alone, of a run, and of a run of several seeds', async () => {
    const paths = ['kernels', 'one', 'seeds'].map((name) => join(root, name));
    await madeRun(paths[0]!, { ...made, solved: false });
    await rm(join(paths[0]!, 'metrics.json'));
    await madeRun(paths[1]!, made);
    await madeRun(paths[2]!, { ...made, seeds: [13, 42] });
    const { code, stdout, stderr } = await runCli(['report', ...paths]);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout.trim().split('\n')).toEqual(paths.map((path) => join(path, 'report.html')));
    const [kernels, one, seeds] = await Promise.all(
      paths.map((path) => readFile(join(path, 'report.html'), 'utf8')),
    );
    const maps = (page: string | undefined) => page!.match(/data-name="heat-map"/g)?.length;
    expect([maps(kernels), maps(one), maps(seeds)]).toEqual([2, 2, 4]);
    expect(one).toContain('80.0 %');
    // A moved directory is read where it is, and the same files give the same bytes.
    await runCli(['report', paths[1]!]);
    expect(await readFile(join(paths[1]!, 'report.html'), 'utf8')).toBe(one);
  });
  it('has what solve found, in a run and in kernels alone, and solve says where it is', async () => {
    const [kernels, run, seeds] = ['solved-kernels', 'solved-run', 'solved-seeds'].map((name) =>
      join(root, name),
    ) as [string, string, string];
    await madeRun(kernels, { ...made, solved: false });
    await rm(join(kernels, 'metrics.json'));
    await madeRun(run, made);
    await madeRun(seeds, { ...made, seeds: [13, 42] });
    const paths = [kernels, run, ...['4-13-sgd', '4-42-sgd'].map((folder) => join(seeds, folder))];
    const { code, stderr } = await runCli(['solve', ...paths, '--ridge', '1']);
    expect(code, stderr).toBe(0);
    for (const path of paths) expect(stderr).toContain(`report in ${join(path, 'report.html')}`);
    const [alone, again] = await Promise.all(
      [kernels, run].map((path) => readFile(join(path, 'report.html'), 'utf8')),
    );
    expect([alone!.includes('kernel test'), alone!.includes('Solved again')]).toEqual([true, false]);
    expect(again).toContain('Solved again');
    expect((await runCli(['report', seeds])).code).toBe(0);
    expect(await readFile(join(seeds, 'report.html'), 'utf8')).toContain('mean ± sd');
  });
  it('refuses what has no results, and says what it found', async () => {
    const empty = join(root, 'nothing');
    await writeFile(join(root, 'a-file'), '');
    for (const [path, message] of [
      [empty, 'ENOENT|not there|no such'],
      [root, 'found .*a-file'],
      [join(root, 'a-file'), 'director'],
    ] as const) {
      const { code, stderr } = await runCli(['report', path]);
      expect(code, stderr).toBe(2);
      expect(stderr).toMatch(new RegExp(message));
    }
    const damaged = join(root, 'damaged');
    await madeRun(damaged, made);
    await writeFile(join(damaged, 'metrics.json'), '{');
    expect((await runCli(['report', damaged])).stderr).toMatch(/metrics.json that is not JSON/);
    await writeFile(join(damaged, 'metrics.json'), '{"format":"ntk-lens-metrics","version":2}');
    expect((await runCli(['report', damaged])).stderr).toMatch(/version 2/);
    await writeFile(join(damaged, 'metrics.json'), '{"format":"ntk-lens-metrics","version":1}');
    expect((await runCli(['report', damaged])).stderr).toMatch(/missing or unknown field/);
    await madeRun(damaged, made);
    await writeFile(join(damaged, 'examples.json'), '{}');
    expect((await runCli(['report', damaged])).stderr).toMatch(/examples.json.*not what the run wrote/);
  });
});

describe.runIf(hasChromium)('a report in a browser', () => {
  let browser: Browser;
  const directory = join(root, `run ${evil.replaceAll('/', '∕')}`);
  beforeAll(async () => {
    await madeRun(directory, made);
    expect((await runCli(['report', directory])).code).toBe(0);
    browser = await launchChromium();
  });
  afterAll(() => browser?.close());

  /** Opens the report; nothing in it may fail, run, or ask for another file. */
  const opened = async (look: (page: Page) => Promise<void>, options: BrowserContextOptions = {}) => {
    const context = await browser.newContext(options);
    const page = await context.newPage();
    const problems: string[] = [];
    page.on('pageerror', ({ message }) => problems.push(message));
    page.on('console', (message) => problems.push(message.text()));
    page.on('request', (request) => {
      if (!/^(file|data):/.test(request.url())) problems.push(request.url());
    });
    try {
      await page.goto(pathToFileURL(join(directory, 'report.html')).href);
      await look(page);
      if (options.javaScriptEnabled !== false)
        expect(await page.evaluate('globalThis.planted')).toBeUndefined();
      expect(problems).toEqual([]);
    } finally {
      await context.close();
    }
  };

  it('runs nothing of a text, label or file name, and shows them as they are', () =>
    opened(async (page) => {
      expect(await page.locator('h1').textContent()).toBe(`${evil}, 4-shot`);
      expect(await page.locator('main img, main script:not([type])').count()).toBe(0);
      expect(await page.locator('.examples tbody tr', { hasText: `${evil} test` }).count()).toBe(1);
    }));

  it('shows the two sentences of an entry, by pointer and by keys, in every order', () =>
    opened(async (page) => {
      const map = page.locator('.heat-map').first();
      const canvas = map.locator('canvas');
      await canvas.scrollIntoViewIfNeeded();
      await map.locator('.live').waitFor();
      expect(await map.locator('.static').isVisible()).toBe(false);
      const readout = map.locator('.readout');
      await canvas.hover({ position: { x: 3, y: 3 } });
      await expect.poll(() => readout.textContent()).toMatch(/train \d+, bad .*sentence|train 2, bad/);
      const first = await readout.textContent();
      await canvas.focus();
      await page.keyboard.press('ArrowRight');
      await expect.poll(() => readout.textContent()).not.toBe(first);
      expect(await readout.textContent()).toMatch(/test \d+, (bad|good)/);
      const picture = () =>
        canvas.evaluate((element) => (element as unknown as { toDataURL(): string }).toDataURL());
      const byLabel = await picture();
      for (const order of ['cluster', 'similarity']) {
        await map.locator('select').selectOption(order);
        await expect.poll(picture).not.toBe(byLabel);
      }
      await map.locator('select').selectOption('label');
      await map.getByRole('button', { name: 'Zoom in' }).click();
      await map.getByRole('button', { name: 'Whole' }).click();
    }));

  it('draws a map that is moved once a frame, and measures nothing of the page meanwhile', () =>
    opened(async (page) => {
      const map = page.locator('.heat-map').first();
      await map.locator('canvas').scrollIntoViewIfNeeded();
      await map.getByRole('button', { name: 'Zoom in' }).click();
      await map.locator('canvas').hover();
      await page.mouse.down();
      const [drawn, measured] = (await page.evaluate(`(async () => {
        const counts = [0, 0];
        const counted = (owner, name, i) => {
          const own = owner.prototype[name];
          owner.prototype[name] = function (...given) { counts[i]++; return own.apply(this, given); };
        };
        const frame = () => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
        await frame();
        counted(CanvasRenderingContext2D, 'drawImage', 0);
        counted(Element, 'getBoundingClientRect', 1);
        const canvas = document.querySelector('canvas');
        for (let i = 0; i < 40; i++)
          canvas.dispatchEvent(new PointerEvent('pointermove', { pointerId: 1, clientX: 300 + i, clientY: 300 - i }));
        await frame();
        return counts;
      })()`)) as [number, number];
      expect([drawn, measured]).toEqual([1, 0]);
      await page.mouse.up();
    }));

  it('sorts tables by their headers, both ways, and filters examples', () =>
    opened(async (page) => {
      const table = page.locator('.examples table');
      const margins = () =>
        table
          .locator('tbody tr:not([hidden]) td[data-label=margin]')
          .evaluateAll((cells) =>
            cells.map((cell) =>
              Number((cell as unknown as { dataset: Record<string, string> }).dataset['value']),
            ),
          );
      const sorted = (values: readonly number[]) => [...values].sort((a, b) => a - b);
      const button = table.getByRole('button', { name: 'margin' });
      await button.click();
      expect(await margins()).toEqual(sorted(await margins()));
      await button.click();
      expect(await margins()).toEqual(sorted(await margins()).reverse());
      expect(await table.locator('th[aria-sort=descending]').count()).toBe(1);
      await page.getByRole('searchbox').fill('sentence 11');
      expect(await margins()).toHaveLength(1);
    }));

  it('is whole without scripts: figures with descriptions, tables with headers', () =>
    opened(
      async (page) => {
        expect(await page.locator('figure.static svg').first().isVisible()).toBe(true);
        expect(await page.locator('.live').first().isVisible()).toBe(false);
        expect(await page.locator('.examples tbody tr').count()).toBe(14);
        for (const svg of await page.locator('figure svg').all()) {
          expect(await svg.getAttribute('role')).toBe('img');
          expect((await svg.locator('desc').textContent())?.length).toBeGreaterThan(20);
        }
        for (const table of await page.locator('table').all())
          expect(await table.locator('th[scope=col]').count()).toBeGreaterThan(1);
      },
      { javaScriptEnabled: false },
    ));

  it('prints figures in place of what moves, and an example in a paragraph with the names of its columns', () =>
    opened(async (page) => {
      await page.emulateMedia({ media: 'print' });
      expect(await page.locator('figure.static svg').first().isVisible()).toBe(true);
      expect(await page.locator('.live, .filter, nav').filter({ visible: true }).count()).toBe(0);
      const [display, before] = (await page.evaluate(`(() => {
        const cell = document.querySelector('.examples td[data-label=margin]');
        return [getComputedStyle(cell).display, getComputedStyle(cell, '::before').content];
      })()`)) as [string, string];
      expect(display).toBe('inline');
      expect(before).toMatch(/^"margin/);
    }));

  it('fits a phone, in either scheme, without scrolling sideways', async () => {
    for (const colorScheme of ['light', 'dark'] as const)
      await opened(
        async (page) => {
          const wide = await page.evaluate('document.documentElement.scrollWidth');
          expect(wide).toBe(390);
          const [ink, paper] = (await page.evaluate(
            "[getComputedStyle(document.body).color, getComputedStyle(document.querySelector('main section')).backgroundColor]",
          )) as [string, string];
          const light = (color: string) =>
            color
              .match(/\d+/g)!
              .slice(0, 3)
              .reduce((sum, part) => sum + Number(part), 0);
          expect(light(paper) > light(ink)).toBe(colorScheme === 'light');
        },
        { viewport: { width: 390, height: 844 }, colorScheme },
      );
  });

  it('shows the definition of a condition where it is pointed at, focused or tapped, and below', async () => {
    const definition = 'f_lin has at least half of the gain';
    const path = join(root, 'verdicts.html');
    const verdict = {
      ...{ condition: 'linearization', subject: 'SGD', verdict: 'holds', measure: 'part of the gain' },
      ...{ statistic: '0.9', threshold: '≥ 0.5', definition },
    };
    const parts = [{ kind: 'verdicts', verdicts: [verdict] } as const];
    await writeFile(path, renderPage({ title: 'check', sections: [{ title: 'Verdicts', parts }] }));
    const context = await browser.newContext({ hasTouch: true });
    const page = await context.newPage();
    await page.goto(pathToFileURL(path).href);
    const [term, tip] = [page.locator('.term'), page.getByRole('tooltip')];
    expect(await page.locator('dd', { hasText: definition }).isVisible()).toBe(true);
    expect(await tip.isVisible()).toBe(false);
    await term.hover();
    expect(await tip.textContent()).toContain(definition);
    expect(await tip.isVisible()).toBe(true);
    await page.mouse.move(0, 0);
    expect(await tip.isVisible()).toBe(false);
    await page.keyboard.press('Tab');
    while ((await page.evaluate('document.activeElement.className')) !== 'term')
      await page.keyboard.press('Tab');
    expect(await tip.isVisible()).toBe(true);
    await page.keyboard.press('Escape');
    expect(await tip.isVisible()).toBe(false);
    await term.tap();
    expect(await tip.isVisible()).toBe(true);
    await context.close();
  });
});
