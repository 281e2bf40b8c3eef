import { execFile } from 'node:child_process';
import { copyFileSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { hasChromium, launchChromium } from '@ntk-lens/testing/chromium';
import { sampled } from '@ntk-lens/testing/sampled';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { expect, test } from 'vitest';
import { startPage } from './examples/start-page.js';
import { program, sources } from './program.js';
import { root } from './root.js';

const examples = join(root, 'examples');
const names = readdirSync(examples).filter((name) => name.endsWith('.ts'));
const readme = readFileSync(join(examples, 'README.md'), 'utf8');

/** Examples that end by themselves, with a part of what they print. */
const printed: Readonly<Record<string, RegExp>> = {
  'own-csv': /test accuracy: zero-shot \d+\.\d %, kernel \d+\.\d %/,
  'nearest-sentences':
    /"I laughed all the way home\." is (positive|negative)\n( *-?\d+\.\d (positive|negative) .*\n){8}/,
  lora: /73728 parameters move\n[\s\S]*LoRA kernel [\d.]+ [\s\S]*they agree on \d+ of \d+ sentences/,
  'causal-model': /kernel of sgd +\d+\.\d %\nkernel of signgd/,
  'own-formula': /p = 0\.5: alignment 0\.\d+, test accuracy/,
  'own-architecture': /pass +finite differences: sgd kernel/,
  cluster: /3 workers and one process differ by \d\.\de-\d+ of the largest entry/,
};

test('there are eight, each of at most sixty lines and with a picture, and the README has them', () => {
  expect(names.sort()).toEqual([...Object.keys(printed), 'page'].map((name) => `${name}.ts`).sort());
  for (const name of names) {
    const code = readFileSync(join(examples, name), 'utf8');
    expect(code.split('\n').length, name).toBeLessThanOrEqual(61);
    expect(readme).toContain(`[${name}](${name})`);
    expect(code, 'public names alone').not.toMatch(/from '(\.|.*\/src\/)/);
  }
  for (const [, image] of readme.matchAll(/\]\((images\/[^)]+)\)/g))
    expect(readFileSync(join(examples, image!)).length).toBeGreaterThan(1000);
});

// UPDATE_EXAMPLES=1 keeps the pictures that the examples make here.
test.each(sampled(Object.keys(printed), 2))(
  '%s runs, and draws',
  async (name) => {
    const cwd = await temporaryDirectory();
    const env = { ...process.env, NTK_LENS: program.join(' ') };
    const words = [...sources, join(examples, `${name}.ts`)];
    const { stdout } = await promisify(execFile)(process.execPath, words, { cwd, env });
    expect(stdout).toMatch(printed[name]!);
    const picture = join(cwd, `${name}.svg`);
    expect(readFileSync(picture, 'utf8')).toMatch(/^<svg [\s\S]*<\/svg>\s*$/);
    if (process.env['UPDATE_EXAMPLES']) copyFileSync(picture, join(examples, 'images', `${name}.svg`));
  },
  600_000,
);

test.skipIf(!hasChromium)(
  'the page computes a kernel in a browser, and asks only its own server',
  async () => {
    const { url, stop } = await startPage();
    const browser = await launchChromium();
    try {
      const page = await browser.newPage({ viewport: { width: 820, height: 900 } });
      const asked: string[] = [];
      const problems: string[] = [];
      page.on('request', (request) => asked.push(request.url()));
      page.on('pageerror', (error) => problems.push(error.message));
      await page.goto(url);
      await page.getByText('The model is ready.').waitFor();
      await page.getByRole('button').click();
      await page.getByText(/^6 sentences in \d+ ms$/).waitFor({ timeout: 100_000 });
      expect(await page.locator('figure svg title').first().textContent()).toBe('Cosines of gradients');
      const shot = await page.screenshot();
      if (process.env['UPDATE_EXAMPLES'])
        await import('node:fs/promises').then(({ writeFile }) =>
          writeFile(join(examples, 'images/page.png'), shot),
        );
      expect(problems).toEqual([]);
      expect(asked.filter((address) => !address.startsWith(url) && !address.startsWith('blob:'))).toEqual([]);
    } finally {
      await browser.close();
      stop();
    }
  },
  600_000,
);
