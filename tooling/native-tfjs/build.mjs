#!/usr/bin/env node
// Builds the native binding of the pinned @tensorflow/tfjs-node against a current TensorFlow. See docs/native-tfjs.md.
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCommand } from './src/command.mjs';
import { compileBinding, findCompiler } from './src/compile.mjs';
import { BuildError } from './src/errors.mjs';
import { finish, linkOrCopy, removeLeftovers, switchLink, temporaryPath } from './src/folders.mjs';
import { parseOptions, USAGE } from './src/options.mjs';
import { installPackages, patchPackage } from './src/package.mjs';
import { downloadWheel, extractWheel, findPython, parseWheelName } from './src/wheel.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const repositoryRoot = resolve(here, '../..');
const STAMP = 'native-tfjs.json';
const BINDING = 'lib/napi-v8/tfjs_binding.node';

function log(message) {
  process.stderr.write(`${message}\n`);
}

/** Changes whenever what would be built does: this script, the locked packages, and the choice of package and TensorFlow. */
function buildKey(options) {
  const hash = createHash('sha256');
  const files = [
    'build.mjs',
    'vendor/package-lock.json',
    ...['compile', 'package', 'wheel'].map((name) => `src/${name}.mjs`),
  ];
  for (const name of files) {
    hash.update(readFileSync(join(here, name)));
  }
  const wheel = options.wheel === undefined ? options.tensorflow : wheelIdentity(options.wheel);
  hash.update(
    JSON.stringify([options.npmPackage, options.distribution, wheel, process.platform, process.arch]),
  );
  return hash.digest('hex').slice(0, 12);
}

function digest(text) {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}

function wheelIdentity(wheel) {
  if (!existsSync(wheel)) {
    throw new BuildError(
      `--wheel ${wheel} does not exist; expected a downloaded tensorflow or tensorflow-cpu wheel.`,
      {
        exitCode: 2,
      },
    );
  }
  const { size, mtimeMs } = statSync(wheel);
  return `${parseWheelName(wheel).version} ${size} ${mtimeMs}`;
}

/** The stamp of a finished build whose files are all there at their sizes, else undefined. */
function readStamp(directory) {
  try {
    const stamp = JSON.parse(readFileSync(join(directory, STAMP), 'utf8'));
    const whole = Object.entries(stamp.files).every(
      ([name, size]) => statSync(join(directory, name)).size === size,
    );
    return whole ? stamp : undefined;
  } catch {
    return undefined;
  }
}

/** Folder with lib/ and include/ of the wanted TensorFlow, fetched if it is not there yet. */
function provideTensorflow(options, python) {
  const folder = (distribution, version) => join(options.out, `${distribution}-${version}`);
  if (options.wheel === undefined && options.tensorflow !== 'latest') {
    const directory = folder(options.distribution, options.tensorflow);
    if (existsSync(directory)) {
      return { directory, version: options.tensorflow };
    }
  }
  const download = mkdtempSync(join(options.out, 'download-'));
  const partial = temporaryPath(download);
  renameSync(download, partial);
  try {
    if (options.wheel === undefined) {
      log(`fetching ${options.distribution} ${options.tensorflow} with pip …`);
    }
    const wheel = options.wheel ?? downloadWheel({ ...options, python, directory: partial });
    const { distribution, version } = parseWheelName(wheel);
    const identity = options.wheel === undefined ? version : `${version}-${digest(wheelIdentity(wheel))}`;
    const directory = folder(distribution, identity);
    if (!existsSync(directory)) {
      log('unpacking its C libraries and headers …');
      extractWheel({ python, wheel, directory });
    }
    return { directory, version };
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

function build(options, directory) {
  const { python, version: pythonVersion } = findPython(options.pythons);
  const { compiler, version: compilerVersion } = findCompiler(options.compilers);
  log(`Node ${process.version}, Python ${pythonVersion}, ${compilerVersion}`);
  const tensorflow = provideTensorflow(options, python);
  const partial = temporaryPath(directory);
  try {
    log(`installing ${options.npmPackage} with npm, install scripts off …`);
    installPackages({ vendorDirectory: join(here, 'vendor'), directory: partial });
    const packageDirectory = join(partial, 'node_modules', options.npmPackage);
    patchPackage(packageDirectory);
    log(`compiling the binding against TensorFlow ${tensorflow.version} …`);
    compileBinding({
      compiler,
      packageDirectory,
      tensorflowDirectory: tensorflow.directory,
      headersDirectory: join(partial, 'node_modules/node-api-headers/include'),
      output: join(packageDirectory, BINDING),
    });
    for (const name of readdirSync(join(tensorflow.directory, 'lib'))) {
      linkOrCopy(join(tensorflow.directory, 'lib', name), join(packageDirectory, 'deps/lib', name));
    }
    const inPackage = (name) => join('node_modules', options.npmPackage, name);
    const files = [BINDING, 'deps/lib/libtensorflow_cc.so.2', 'deps/lib/libtensorflow_framework.so.2'].map(
      inPackage,
    );
    const stamp = {
      package: options.npmPackage,
      packageVersion: JSON.parse(readFileSync(join(packageDirectory, 'package.json'), 'utf8')).version,
      tensorflow: tensorflow.version,
      compiler: compilerVersion,
      files: Object.fromEntries(files.map((name) => [name, statSync(join(partial, name)).size])),
    };
    writeFileSync(join(partial, STAMP), `${JSON.stringify(stamp, null, 2)}\n`);
    if (options.force || readStamp(directory) === undefined) {
      rmSync(directory, { recursive: true, force: true });
    }
    finish(partial, directory);
    return stamp;
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

/** Loads the result in a process of its own, compares it with the plain JavaScript backend, and measures it. */
function check(packageDirectory, tensorflow) {
  const output = runCommand(
    process.execPath,
    [join(here, 'src/check.mjs'), packageDirectory, join(repositoryRoot, 'packages/engine/package.json')],
    'The binding was built but does not work.',
    { env: { TF_CPP_MIN_LOG_LEVEL: '2', ...process.env } },
  );
  const checked = JSON.parse(output.trimEnd().split('\n').at(-1));
  if (checked.linked !== tensorflow) {
    throw new BuildError(
      `The binding runs TensorFlow ${checked.linked}, expected ${tensorflow}: unset LD_LIBRARY_PATH and LD_PRELOAD.`,
    );
  }
  return checked;
}

function main() {
  const options = parseOptions(process.argv.slice(2), { repositoryRoot, env: process.env });
  if (options.help) {
    process.stdout.write(USAGE);
    return;
  }
  if (process.platform !== 'linux') {
    throw new BuildError(
      `This is ${process.platform}; the recipe was written for Linux. The other runtimes need no build.`,
    );
  }
  mkdirSync(options.out, { recursive: true });
  removeLeftovers(options.out);
  const directory = join(options.out, `build-${buildKey(options)}`);
  const found = options.force ? undefined : readStamp(directory);
  const stamp = found ?? build(options, directory);
  const packageDirectory = join(directory, 'node_modules', options.npmPackage);
  const checked = options.skipCheck ? undefined : check(packageDirectory, stamp.tensorflow);
  switchLink(join(options.out, 'node_modules'), join(directory, 'node_modules'));
  for (const target of options.links) {
    switchLink(join(target, 'node_modules', options.npmPackage), packageDirectory);
  }
  for (const name of readdirSync(options.out)) {
    if (/^build-[0-9a-f]{12}$/.test(name) && join(options.out, name) !== directory) {
      rmSync(join(options.out, name), { recursive: true, force: true });
    }
  }
  report(options, stamp, checked, found !== undefined);
}

function report(options, stamp, checked, reused) {
  const location = join(options.out, 'node_modules', options.npmPackage);
  log(
    `${stamp.package} ${stamp.packageVersion} with TensorFlow ${stamp.tensorflow}: ${reused ? 'already built' : 'built'}`,
  );
  if (checked !== undefined) {
    log(
      `checked against the plain JavaScript backend: ${checked.cases} functions, ${checked.withGradient} of them with gradients; largest error ${checked.largestError.toExponential(1)}`,
    );
    for (const [kind, rate] of Object.entries(checked.gflops)) {
      log(`GEMM ${kind}: ${rate} GFLOP/s (float32, 1024³, ${checked.threads} cores)`);
    }
  }
  log(location);
  if (options.json) {
    const { files, ...versions } = stamp;
    process.stdout.write(
      `${JSON.stringify({ ...versions, node: process.version, location, reused, ...checked })}\n`,
    );
  }
}

try {
  main();
} catch (error) {
  if (!(error instanceof BuildError)) {
    throw error;
  }
  log(`error: ${error.message}`);
  process.exitCode = error.exitCode;
}
