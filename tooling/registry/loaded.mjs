import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './run.mjs';

/**
 * Imports a package in a process of its own.
 *
 * @returns path and bytes of every file that Node has loaded for it
 */
export const loadedBy = async (name, { cwd, env }) => {
  const folder = join(cwd, 'loaded');
  await run('node', ['-e', `import('${name}')`], { cwd, env: { ...env, NODE_V8_COVERAGE: folder } });
  const reports = await Promise.all(
    (await readdir(folder)).map((file) => readFile(join(folder, file), 'utf8')),
  );
  const urls = new Set(reports.flatMap((report) => JSON.parse(report).result.map(({ url }) => url)));
  const paths = [...urls].filter((url) => url.startsWith('file:')).map((url) => fileURLToPath(url));
  return Promise.all(paths.map(async (path) => ({ path, bytes: (await stat(path)).size })));
};
