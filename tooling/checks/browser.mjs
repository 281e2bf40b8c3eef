// Bundles what each package gives a browser, and fails where that needs Node. Prints what an import of it costs.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build, transform } from 'esbuild';

/** Packages that are for Node alone. */
const elsewhere = ['ntk-lens', '@ntk-lens/queue'];

/**
 * Most thousands of bytes that an entry may have, minified and gzipped, with what it imports at once. Iterative solvers are
 * loaded when they are asked for, and code that others share with them is a file of its own, compressed by itself. Packages
 * that compute have TensorFlow.js among what they import.
 */
export const limits = {
  '@ntk-lens/checkpoints': 28,
  '@ntk-lens/core': 13,
  '@ntk-lens/engine': 150,
  '@ntk-lens/engine/float64-products': 1,
  '@ntk-lens/engine/runtime-names': 1,
  '@ntk-lens/kernels': 245,
  '@ntk-lens/kernels/formulas': 4,
  '@ntk-lens/lens': 390,
  '@ntk-lens/lens/defaults': 3,
  '@ntk-lens/lens/stored': 45,
  '@ntk-lens/minilm-mlm': 1,
  '@ntk-lens/models': 215,
  '@ntk-lens/prompts': 18,
  '@ntk-lens/report': 38,
  '@ntk-lens/report/page': 185,
  '@ntk-lens/solvers': 35,
  '@ntk-lens/solvers/matrix-free': 38,
  '@ntk-lens/subspace': 230,
  '@ntk-lens/subspace/optimizers': 3,
  '@ntk-lens/subspace/space-names': 1,
  '@ntk-lens/tasks': 31,
  '@ntk-lens/tensor-programs': 275,
  '@ntk-lens/tensor-programs/symbolic': 10,
  '@ntk-lens/tfjs': 130,
  '@ntk-lens/tfjs/wasm': 100,
  '@ntk-lens/tokenizers': 31,
};

const conditions = ['@ntk-lens/source', 'browser', 'module', 'import', 'default'];

/** The file that an entry of `exports` means in a browser. */
const resolved = (target) =>
  typeof target === 'string'
    ? target
    : resolved(target[Object.keys(target).find((key) => conditions.includes(key))]);

/** Names that only Node has, in code without comments. */
const global = /(?<![\w$.'"`-])(process|Buffer|setImmediate|__dirname|__filename)\s*[.([]/;

/** Every package below a folder `packages` that runs in a browser, with the source of each of its entries; data have none. */
export const packagesOf = (root) =>
  readdirSync(join(root, 'packages'))
    .map((name) => join(root, 'packages', name))
    .filter((folder) => existsSync(join(folder, 'package.json')))
    .map((folder) => ({ folder, ...JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) }))
    .filter(({ name }) => !elsewhere.includes(name))
    .map(({ folder, name, exports }) => ({
      name,
      entries: Object.entries(exports)
        .filter(([entry]) => entry !== './package.json' && !entry.includes('*'))
        .map(([entry, target]) => ({ entry, file: join(folder, resolved(target)) })),
    }));

/** Bundles an entry; @returns its size in thousands of bytes, and what is wrong with it */
const bundled = async (root, file) => {
  const result = await build({
    entryPoints: [file],
    bundle: true,
    minify: true,
    platform: 'browser',
    format: 'esm',
    conditions,
    metafile: true,
    write: false,
    splitting: true,
    outdir: join(root, 'bundle'),
    absWorkingDir: root,
    logLevel: 'silent',
  }).catch((error) => ({ errors: error.errors ?? [{ text: String(error), location: null }] }));
  const problems = result.errors.map(({ text, location }) => `${location?.file ?? file}: ${text}`);
  if (!result.metafile) return { problems };
  for (const [path, { imports }] of Object.entries(result.metafile.inputs)) {
    // Where the code catches what happens without a module, it is only left out.
    const missing = imports.filter((reference) => reference.external && reference.path !== '<runtime>');
    problems.push(...missing.map((reference) => `${path}: Could not resolve "${reference.path}"`));
    if (/node_modules|^packages\/tfjs\/dist\//.test(path) || !/\.[jt]s$/.test(path)) continue;
    const { code } = await transform(readFileSync(join(root, path), 'utf8'), { loader: 'ts' });
    const found = global.exec(code)?.[1];
    if (found) problems.push(`${path}: ${found}, which only Node has`);
  }
  // Modules that are imported when they are needed cost nothing to those who import the package.
  const { outputs } = result.metafile;
  const needed = new Set();
  const need = (path) => {
    if (needed.has(path)) return;
    needed.add(path);
    for (const { path: chunk, kind } of outputs[path].imports)
      if (kind === 'import-statement' && chunk in outputs) need(chunk);
  };
  need(Object.keys(outputs).find((path) => outputs[path].entryPoint === relative(root, file)));
  const bytes = result.outputFiles
    .filter(({ path }) => needed.has(relative(root, path)))
    .reduce((sum, { contents }) => sum + gzipSync(contents, { level: 9 }).length, 0);
  return { problems, size: bytes / 1000 };
};

/**
 * Bundles every entry of every package.
 *
 * @param {{ root: string, limits?: Readonly<Record<string, number>> }} options
 * @returns problems, and the size of every entry
 */
export const checkBrowser = async ({ root, limits: most = limits }) => {
  const problems = [];
  /** @type {Record<string, number>} */
  const sizes = {};
  for (const { name, entries } of packagesOf(root)) {
    for (const { entry, file } of entries) {
      const id = join(name, entry);
      const { problems: found, size } = await bundled(root, file);
      problems.push(...found.map((problem) => `${id} does not run in a browser: ${problem}`));
      if (size === undefined) continue;
      sizes[id] = size;
      if (size > (most[id] ?? Infinity))
        problems.push(
          `${id} takes ${size.toFixed(1)} KB minified and gzipped, at most ${most[id]} are allowed.`,
        );
    }
  }
  return { problems, sizes };
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const { problems, sizes } = await checkBrowser({ root });
  for (const [id, size] of Object.entries(sizes))
    console.log(
      `${id.padEnd(36)} ${size.toFixed(1).padStart(7)} KB minified and gzipped${limits[id] ? `, of ${limits[id]}` : ''}`,
    );
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exitCode = 1;
}
