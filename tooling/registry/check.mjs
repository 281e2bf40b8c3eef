// Publishes all packages to a registry on loopback, as a release does, and installs them as strangers do: in empty folders,
// with npm, pnpm and yarn, without flags, on every supported Node. Nothing here is faster than a stranger's first minute.
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packagesOf } from '../checks/browser.mjs';
import { importAll, publicPackages, tryAlone, writePages } from './alone.mjs';
import { inspect } from './installed.mjs';
import { loadedBy } from './loaded.mjs';
import { bundleWithEsbuild, bundleWithVite, hasChromium, openPages, sizesOfPages } from './pages.mjs';
import { release } from './publish.mjs';
import { startRegistry } from './registry.mjs';
import { run } from './run.mjs';
import { tarballProblems } from './tarballs.mjs';
import { strangersMachine } from './world.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const limit = 400;
const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
const nodes = [20, 22, 24, 26];
const short = ['--shots', '2', '--limit-test', '2'];

const must = (holds, what) => {
  if (!holds) throw new Error(what);
};
const step = async (name, work) => {
  const start = performance.now();
  const said = await work();
  console.log(
    `${((performance.now() - start) / 1000).toFixed(0).padStart(4)} s  ${name}${said ? `: ${said}` : ''}`,
  );
};

/** The table of a run has a row for the kernel, with numbers. */
const mustHaveKernelRow = (output) =>
  must(/SGD kernel.*│\s+\d+\.\d/.test(output), `There is no kernel in:\n${output}`);

const folder = await mkdtemp(join(tmpdir(), 'ntk-lens-registry-'));
const upstream = (await run('npm', ['config', 'get', 'registry'], { cwd: folder })).trim();
const registry = await startRegistry({
  upstream: upstream.endsWith('/') ? upstream : `${upstream}/`,
  isOurs: (name) => name === 'ntk-lens' || name.startsWith('@ntk-lens/'),
});
try {
  const { env, withNode, emptyFolder } = await strangersMachine({ folder, registry: registry.address });
  await step('version, build, publish', async () => {
    await release({ root, clone: join(folder, 'clone'), env });
    return Object.entries(registry.versions())
      .map((pair) => pair.join(' '))
      .join(', ');
  });
  const version = registry.versions()['ntk-lens'];

  await step('tarballs', () => {
    const problems = registry.tarballs().flatMap(([, tarball]) => tarballProblems(tarball));
    must(problems.length === 0, problems.join('\n'));
    const bytes = registry.tarballs().reduce((sum, [, { length }]) => sum + length, 0);
    return `${registry.tarballs().length} of ${(bytes / 1e6).toFixed(0)} MB`;
  });

  /** A folder in which a package manager has installed: no scripts, no warnings, not too large. */
  const mustBeSmall = (cwd, known = []) => {
    const { megabytes, scripted } = inspect(cwd);
    const other = scripted.filter((name) => !known.includes(name));
    must(other.length === 0, `Some packages have install scripts: ${other.join(', ')}.`);
    must(megabytes <= limit, `node_modules has ${megabytes.toFixed(0)} MB, at most ${limit} are allowed.`);
    return `${megabytes.toFixed(0)} MB`;
  };
  const installed = {};
  for (const node of nodes) {
    await step(`npm on Node ${node}`, async () => {
      const nodeEnv = await withNode(node);
      const cwd = await emptyFolder(`npm-${node}`);
      const options = { cwd, env: nodeEnv };
      const said = await run('npm', ['i', 'ntk-lens'], options);
      must(!/warn (?!deprecated)/i.test(said), `npm warns:\n${said}`);
      const printed = (await run('npx', ['-y', 'ntk-lens', '--version'], options)).trim();
      must(printed === version, `--version says ${printed}, and ${version} was published.`);
      mustHaveKernelRow(await run('npx', ['-y', 'ntk-lens', 'run', ...(node === 20 ? [] : short)], options));
      installed[node] = { cwd, env: nodeEnv };
      return mustBeSmall(cwd);
    });
  }
  const current = installed[24];

  await step('npx in an empty folder', async () => {
    const cwd = await emptyFolder('npx');
    const printed = (await run('npx', ['-y', 'ntk-lens', '--version'], { cwd, env: current.env })).trim();
    must(printed === version, `npx ntk-lens --version says ${printed}.`);
  });

  await step('an import loads little, and of TensorFlow.js one small build', async () => {
    const loaded = await loadedBy('ntk-lens', current);
    const megabytes = (files) => files.reduce((sum, { bytes }) => sum + bytes, 0) / 1e6;
    const ofTensorFlow = loaded.filter(({ path }) => /[\\/]@ntk-lens[\\/]tfjs[\\/]/.test(path));
    must(ofTensorFlow.length > 0, 'The build of TensorFlow.js is not among the files that an import loads.');
    const others = loaded.filter(({ path }) => /[\\/]@tensorflow[\\/]/.test(path));
    must(others.length === 0, `An import loads ${others[0]?.path}.`);
    for (const [what, files, most] of [
      ['ntk-lens', loaded, 7],
      ['TensorFlow.js', ofTensorFlow, 1.2],
    ])
      must(
        megabytes(files) <= most,
        `The sources of ${what} have ${megabytes(files).toFixed(1)} MB, at most ${most} are allowed.`,
      );
    return `${megabytes(loaded).toFixed(1)} MB, of which TensorFlow.js ${megabytes(ofTensorFlow).toFixed(1)} MB`;
  });

  await step('a queue is for those who install it', async () => {
    for (const line of [['enqueue'], ['worker', '--quiet']]) {
      const argv = ['-y', 'ntk-lens', ...line, '--units', 'shared', '--redis', 'redis://127.0.0.1:1'];
      const lacking = await run('npx', argv, { ...current, code: 2 });
      must(/npm install @ntk-lens\/queue/.test(lacking), `It does not say how to get the queue:\n${lacking}`);
    }
    const cwd = await emptyFolder('queue');
    const options = { cwd, env: current.env };
    await run('npm', ['i', 'ntk-lens', '@ntk-lens/queue'], options);
    const argv = ['-y', 'ntk-lens', 'worker', '--units', 'shared', '--redis', 'redis://127.0.0.1:1'];
    const found = await run('npx', argv, { ...options, code: 1 });
    must(/Redis at .* cannot be used/.test(found), `It does not ask Redis:\n${found}`);
  });

  await step('pnpm', async () => {
    const cwd = await emptyFolder('pnpm');
    const options = { cwd, env: current.env };
    const said = await run('npx', ['-y', 'pnpm', 'add', 'ntk-lens'], options);
    must(!/ignored build|warn|ERR_/i.test(said), `pnpm warns:\n${said}`);
    mustHaveKernelRow(await run('npx', ['-y', 'pnpm', 'exec', 'ntk-lens', 'run', ...short], options));
    return mustBeSmall(cwd);
  });

  await step('yarn', async () => {
    const cwd = await emptyFolder('yarn');
    const options = { cwd, env: current.env };
    const yarn = (...args) => run('npx', ['-y', '-p', '@yarnpkg/cli-dist', 'yarn', ...args], options);
    await writeFile(join(cwd, 'package.json'), '{ "private": true }');
    await writeFile(join(cwd, 'yarn.lock'), '');
    await yarn('add', 'ntk-lens');
    mustHaveKernelRow(await yarn('ntk-lens', 'run', ...short));
  });

  await step('Node 18 gets an error that names the version it takes', async () => {
    const bin = join(installed[20].cwd, 'node_modules', '.bin', 'ntk-lens');
    const said = await run(bin, ['--version'], { ...installed[20], env: await withNode(18), code: 2 });
    must(/needs Node 20\.19 or later/.test(said), `Node 18 says:\n${said}`);
  });

  await step('declarations in strict projects', async () => {
    await copyFile(join(root, 'tooling', 'registry', 'consumer.ts'), join(current.cwd, 'consumer.ts'));
    await writeFile(join(current.cwd, 'package.json'), '{ "type": "module" }');
    await run('npm', ['i', '--no-save', 'ntk-lens', '@types/node@20'], current);
    const environments = [
      { lib: ['es2022'], types: ['node'] },
      { lib: ['es2022', 'dom'], types: [] },
      { lib: ['es2022', 'dom'], types: ['node'] },
    ];
    for (const [module, moduleResolution] of [
      ['node16', 'node16'],
      ['esnext', 'bundler'],
    ]) {
      for (const environment of environments) {
        const compilerOptions = {
          strict: true,
          exactOptionalPropertyTypes: true,
          noUncheckedIndexedAccess: true,
          skipLibCheck: false,
          target: 'es2022',
          noEmit: true,
          module,
          moduleResolution,
          ...environment,
        };
        await writeFile(
          join(current.cwd, 'tsconfig.json'),
          JSON.stringify({ compilerOptions, files: ['consumer.ts'] }),
        );
        await run('node', [tsc, '-p', '.'], current);
      }
    }
  });

  await step('next to transformers.js', async () => {
    const cwd = await emptyFolder('transformers');
    // The install script of its own onnxruntime-node fetches from elsewhere than the registry.
    const options = { cwd, env: { ...current.env, ONNXRUNTIME_NODE_INSTALL: 'skip' } };
    await run('npm', ['i', 'ntk-lens', '@huggingface/transformers'], options);
    const { copies } = inspect(cwd);
    for (const name of ['@ntk-lens/engine', '@ntk-lens/tfjs', 'onnxruntime-node', 'onnxruntime-web'])
      must(copies(name) === 1, `There are ${copies(name)} copies of ${name}.`);
    mustHaveKernelRow(await run('npx', ['-y', 'ntk-lens', 'run', ...short], options));
  });

  await step('without a native library', async () => {
    const cwd = await emptyFolder('no-library');
    const options = { cwd, env: current.env };
    await run('npm', ['i', '--omit=optional', 'ntk-lens'], options);
    const said = await run('npx', ['-y', 'ntk-lens', 'run', ...short, '--parameters', '*bias*'], options);
    mustHaveKernelRow(said);
    must(
      /chose tfjs-wasm: no library of ONNX Runtime/.test(said),
      `It does not say that it falls back:\n${said}`,
    );
    return mustBeSmall(cwd);
  });

  const packages = publicPackages(root);
  const names = packages.map(({ name }) => name);
  for (const one of packages) {
    await step(`${one.name} alone`, async () => {
      const cwd = await emptyFolder('alone');
      const alone = await tryAlone(one, { env: current.env, others: [installed[20].env], cwd, tsc });
      // BullMQ brings an optional one, whose script looks for a library.
      const withOthers = mustBeSmall(cwd, one.name === '@ntk-lens/queue' ? ['msgpackr-extract'] : []);
      const said = `${alone.toFixed(1)} MB, ${withOthers} with what its README installs`;
      await rm(cwd, { recursive: true, force: true });
      return one.example === undefined ? `${said}, without an example` : said;
    });
  }

  await step('every package with npm, pnpm and yarn', async () => {
    for (const [manager, ...add] of [
      ['npm', 'npm', 'i'],
      ['pnpm', 'npx', '-y', 'pnpm', 'add'],
      ['yarn', 'npx', '-y', '-p', '@yarnpkg/cli-dist', 'yarn', 'add'],
    ]) {
      const cwd = await emptyFolder(manager);
      const options = { cwd, env: current.env };
      await writeFile(join(cwd, 'package.json'), '{ "private": true }');
      if (manager === 'yarn') await writeFile(join(cwd, 'yarn.lock'), '');
      // As the README of the queue says: pnpm fails where nobody decided about a script.
      if (manager === 'pnpm')
        await writeFile(join(cwd, 'pnpm-workspace.yaml'), 'allowBuilds:\n  msgpackr-extract: false\n');
      await run(...[add[0], [...add.slice(1), ...names], options]);
      await importAll(cwd, names);
      const node = manager === 'yarn' ? [...add.slice(0, -1), 'node'] : ['node'];
      await run(node[0], [...node.slice(1), 'all.mjs'], options);
    }
  });

  if (hasChromium) {
    const cwd = await emptyFolder('pages');
    const options = { cwd, env: current.env };
    const forPages = packagesOf(root).map(({ name }) => name);
    await writeFile(join(cwd, 'package.json'), '{ "private": true, "type": "module" }');
    // The runtime of pages is an optional peer of the engine.
    await run('npm', ['i', ...forPages, 'onnxruntime-web', 'vite', 'esbuild'], options);
    const pages = await writePages(cwd, forPages);
    await step('pages bundled by esbuild', async () => {
      const esbuild = join(cwd, 'node_modules', '.bin', 'esbuild');
      const folder = await bundleWithEsbuild(cwd, pages, { ...options, esbuild });
      await openPages(
        folder,
        pages.map(({ id, name }) => ({ path: `${id}.html`, name })),
      );
    });
    await step('pages bundled by Vite', async () => {
      await bundleWithVite(cwd, pages, options);
      await openPages(
        join(cwd, 'vite'),
        pages.map(({ id, name }) => ({ path: `pages/${id}.html`, name })),
      );
      return sizesOfPages(cwd, pages);
    });
  } else console.log('There is no Chromium here (set CHROMIUM_PATH): no page was opened.');
} catch (error) {
  console.error(`error: ${error.message}`);
  process.exitCode = 1;
} finally {
  registry.stop();
  await rm(folder, { recursive: true, force: true });
}
