// Makes a release in a clone that is thrown away.
import { join } from 'node:path';
import { run } from './run.mjs';

/**
 * Versions, builds and publishes every public package of the commit that is checked out.
 *
 * @param {{ root: string, clone: string, env: NodeJS.ProcessEnv }} options `env` knows the registry to publish to
 */
export const release = async ({ root, clone, env }) => {
  await run('git', ['clone', '--quiet', root, clone]);
  await run('git', ['config', 'user.email', 'nobody@example.org'], { cwd: clone });
  await run('git', ['config', 'user.name', 'nobody'], { cwd: clone });
  await run('npx', ['-y', 'pnpm', 'install', '--frozen-lockfile', '--prefer-offline'], { cwd: clone });
  await run('npx', ['-y', 'pnpm', 'run', 'release'], { cwd: clone, env });
  return join(clone, 'packages');
};
