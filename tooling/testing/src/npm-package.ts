import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Packages that tests read, kept between runs. */
const cache = fileURLToPath(new URL('../../../node_modules/.cache/ntk-lens-packages', import.meta.url));

/**
 * Folder of a published package that is not a dependency, from the registry that npm is configured for. It is fetched once.
 *
 * @returns undefined where npm cannot fetch it, as offline
 */
export const npmPackage = async (name: string, version: string): Promise<string | undefined> => {
  const folder = join(cache, `${name.replaceAll('/', '+')}-${version}`);
  if (existsSync(folder)) return folder;
  await mkdir(cache, { recursive: true });
  const work = await mkdtemp(join(cache, 'part-'));
  try {
    const shell = process.platform === 'win32';
    const { stdout } = await run(
      'npm',
      ['pack', `${name}@${version}`, '--json', '--pack-destination', work],
      {
        ...{ shell, cwd: work, timeout: 120_000 },
      },
    );
    const [{ filename }] = JSON.parse(stdout) as [{ filename: string }];
    await run('tar', ['-xzf', filename.replace('@', '').replace('/', '-')], { cwd: work });
    await rename(join(work, 'package'), folder);
    return folder;
  } catch {
    return existsSync(folder) ? folder : undefined;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
};
