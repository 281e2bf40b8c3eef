// Every package as somebody installs it who wants nothing else: the example of its README, CommonJS, strict types, pages.
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from './installed.mjs';
import { run } from './run.mjs';

/**
 * Most MB that `node_modules` may have after a package was installed by its name alone. Packages that compute bring ONNX Runtime
 * for the platform and TensorFlow.js. Those that read, draw or solve do not.
 */
const mostMegabytes = {
  '@ntk-lens/checkpoints': 5,
  '@ntk-lens/core': 4,
  '@ntk-lens/engine': 70,
  '@ntk-lens/kernels': 80,
  '@ntk-lens/lens': 90,
  '@ntk-lens/minilm-mlm': 50,
  '@ntk-lens/models': 80,
  '@ntk-lens/prompts': 5,
  '@ntk-lens/queue': 30,
  '@ntk-lens/report': 15,
  '@ntk-lens/solvers': 7,
  '@ntk-lens/subspace': 80,
  '@ntk-lens/tasks': 8,
  '@ntk-lens/tensor-programs': 80,
  '@ntk-lens/tfjs': 5,
  '@ntk-lens/tokenizers': 5,
  'ntk-lens': 150,
};

/** Texts that are replaced in examples, so that they end soon. */
const smaller = [
  ["'sentiment', { shots: 16, seed", "'sentiment', { shots: 2, limitTest: 2, seed"],
  ['...defaultRunConfig,', '...defaultRunConfig, shots: [2], limitTest: 2,'],
];

/** The first example of a README with the lines above it that readers do not see, or undefined. */
const exampleOf = (readme) => {
  const [, hidden = '', code] =
    /(?:<!-- before:\n([\s\S]*?)-->\n+)?^```ts\n([\s\S]*?)^```$/m.exec(readme) ?? [];
  return code === undefined
    ? undefined
    : smaller.reduce((text, [found, by]) => text.replace(found, by), `${hidden}${code}`);
};

/** The names that a README says to install, without options and comments. */
const installLine = (readme) =>
  /^npm install ([^#\n]*)/m
    .exec(readme)[1]
    .trim()
    .split(/\s+/)
    .filter((word) => !word.startsWith('-'));

/**
 * The public packages of the repository, each with what its README says.
 *
 * @returns {readonly { name: string, install: readonly string[], example?: string }[]}
 */
export const publicPackages = (root) =>
  readdirSync(join(root, 'packages')).map((folder) => {
    const file = (name) => readFileSync(join(root, 'packages', folder, name), 'utf8');
    const readme = file('README.md');
    return {
      name: JSON.parse(file('package.json')).name,
      install: installLine(readme),
      example: exampleOf(readme),
    };
  });

/** Options of TypeScript that the strictest user sets. */
const strict = {
  ...{ strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, skipLibCheck: false },
  ...{ target: 'es2022', lib: ['es2022', 'dom', 'dom.iterable'], types: ['node'], noEmit: true },
};

/**
 * Compares the size of an installed package with its bound.
 *
 * @param {string} name
 * @param {number} megabytes
 * @throws Error above the bound, and without one
 */
export const mustBeWithin = (name, megabytes, most = mostMegabytes[name]) => {
  if (most === undefined)
    throw new Error(`${name} takes ${megabytes.toFixed(1)} MB and has no bound; give it one in alone.mjs.`);
  if (megabytes > most)
    throw new Error(
      `${name} takes ${megabytes.toFixed(1)} MB when it is installed, at most ${most} are allowed.`,
    );
};

/**
 * Installs one package alone, for its size, and with what its README says, runs and compiles its example, and loads it from CommonJS on every Node given.
 *
 * @param {{ env: NodeJS.ProcessEnv, others: readonly NodeJS.ProcessEnv[], cwd: string, tsc: string }} options `env` has a Node
 *   that runs TypeScript
 * @returns MB of the package and what it brings
 */
export const tryAlone = async ({ name, install, example }, { env, others, cwd, tsc }) => {
  const at = { cwd, env };
  await writeFile(join(cwd, 'package.json'), '{ "private": true, "type": "module" }');
  await run('npm', ['install', name], at);
  const { megabytes } = inspect(cwd);
  mustBeWithin(name, megabytes);
  await run('npm', ['install', ...install, '@types/node@20'], at);
  for (const node of [env, ...others])
    await run('node', ['-e', `if (!Object.keys(require('${name}')).length) throw Error('empty')`], {
      cwd,
      env: node,
    });
  if (example === undefined) return megabytes;
  await writeFile(join(cwd, 'example.ts'), `${example}\nexport {};\n`);
  await run('node', ['example.ts'], at);
  for (const [module, moduleResolution] of [
    ['node16', 'node16'],
    ['esnext', 'bundler'],
  ]) {
    const compilerOptions = { ...strict, module, moduleResolution };
    await writeFile(join(cwd, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['example.ts'] }));
    await run('node', [tsc, '-p', '.'], at);
  }
  return megabytes;
};

/** A module that imports every package, and says how many names each one has. */
export const importAll = async (cwd, names) => {
  const lines = names.map((name, i) => `import * as m${i} from '${name}';`);
  const counts = names.map((name, i) => `['${name}', Object.keys(m${i}).length]`);
  const code = `${lines.join('\n')}\nfor (const [name, count] of [${counts}]) if (!count) throw new Error(name);\n`;
  await writeFile(join(cwd, 'all.mjs'), code);
};

/** Writes a page for each package: its title is the name of the package once that is imported. */
export const writePages = async (cwd, names) => {
  await mkdir(join(cwd, 'pages'));
  const pages = names.map((name) => ({ name, id: name.replace(/\W+/g, '-').replace(/^-/, '') }));
  for (const { name, id } of pages) {
    const code = `import * as all from '${name}';\nif (Object.keys(all).length > 0) document.title = '${name}';\n`;
    await writeFile(join(cwd, 'pages', `${id}.js`), code);
    await writeFile(
      join(cwd, 'pages', `${id}.html`),
      `<!doctype html><meta charset="utf-8"><script type="module" src="./${id}.js"></script>\n`,
    );
  }
  return pages;
};
