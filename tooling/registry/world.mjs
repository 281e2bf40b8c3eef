// The machine of a stranger: an empty home, whose package managers know one registry, and the versions of Node.
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { run } from './run.mjs';

/** Variables by which npm and pnpm set options of package managers that their scripts start. */
const own = /^(npm_|pnpm_|node_path$|init_cwd$|turbo_|ntk_lens_)/i;

/**
 * Makes the machine in a folder.
 *
 * @param {{ folder: string, registry: string }} options
 */
export const strangersMachine = async ({ folder, registry }) => {
  const home = join(folder, 'home');
  await mkdir(home, { recursive: true });
  const { host } = new URL(registry);
  await writeFile(join(home, '.npmrc'), `registry=${registry}\n//${host}/:_authToken=anybody\n`);
  await writeFile(
    join(home, '.yarnrc.yml'),
    `npmRegistryServer: "${registry}"\nunsafeHttpWhitelist:\n  - 127.0.0.1\nenableTelemetry: false\n`,
  );
  const env = {
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !own.test(name))),
    HOME: home,
    XDG_CACHE_HOME: join(home, 'cache'),
    XDG_DATA_HOME: join(home, 'data'),
    NO_COLOR: '1',
    NPM_CONFIG_UPDATE_NOTIFIER: 'false',
  };

  /** The environment with a version of Node, which a package of npm's brings. */
  const withNode = async (version) => {
    const platform = process.platform === 'win32' ? 'win' : process.platform;
    const name = `node-${platform}-${process.arch}`;
    const at = join(folder, `node-${version}`);
    await mkdir(at);
    await run('npm', ['install', '--no-save', `${name}@${version}`], { cwd: at, env });
    const bin = join(at, 'node_modules', name, 'bin');
    return { ...env, PATH: `${bin}${delimiter}${env.PATH}` };
  };

  /** An empty folder. */
  const emptyFolder = (name) => mkdtemp(join(folder, `${name}-`));

  return { env, withNode, emptyFolder };
};
