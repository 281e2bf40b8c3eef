import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

export type { Browser, BrowserContextOptions, Page } from 'playwright-core';

const executablePath = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';

/** Whether there is a browser to test with. */
export const hasChromium = existsSync(executablePath);
if (!hasChromium)
  console.warn(`No Chromium at ${executablePath} (set CHROMIUM_PATH): tests in a browser are skipped.`);

/** Starts a headless Chromium that asks the network for nothing on its own. */
export const launchChromium = (...flags: readonly string[]): Promise<Browser> =>
  chromium.launch({
    executablePath,
    headless: true,
    args: [
      ...['--no-sandbox', '--disable-quic', '--no-first-run', '--disable-sync', ...flags],
      ...['--disable-background-networking', '--disable-component-update'],
    ],
  });
