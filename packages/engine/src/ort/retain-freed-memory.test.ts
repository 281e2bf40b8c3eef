import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const script = fileURLToPath(new URL('../testing/count-page-faults.ts', import.meta.url));
const faults = async (environment: Record<string, string> = {}): Promise<number> => {
  const flags = ['--conditions=@ntk-lens/source', '--import', 'tsx', script];
  const env = { ...process.env, ...environment };
  const { stdout } = await promisify(execFile)(process.execPath, flags, { cwd: import.meta.dirname, env });
  return Number(stdout);
};

// glibc only: elsewhere there is nothing to set.
test.runIf(
  process.platform === 'linux' &&
    'glibcVersionRuntime' in (process.report.getReport() as { header: object }).header,
)('work memory is new in the first runs only, unless the environment says otherwise', async () => {
  const kept = await faults();
  const trimmed = await faults({ MALLOC_TRIM_THRESHOLD_: '131072' });
  expect({ kept, trimmed, fewer: kept < trimmed / 4 }).toEqual({ kept, trimmed, fewer: true });
});
