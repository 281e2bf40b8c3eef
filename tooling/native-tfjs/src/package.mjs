import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from './command.mjs';
import { BuildError } from './errors.mjs';

/**
 * The edits made to the published JavaScript. `util.isNullOrUndefined` and `util.isArray` are gone from Node 23 on;
 * these two files use nothing else of `util`.
 */
const UTIL_IMPORT = 'var util_1 = require("util");';
const UTIL_REPLACEMENT =
  'var util_1 = { isNullOrUndefined: function (v) { return v === null || v === undefined; }, isArray: Array.isArray };';
const PATCHED_FILES = ['dist/nodejs_kernel_backend.js', 'dist/kernels/TopK.js'];

/** Installs the locked packages into `directory`, install scripts off: those would fetch libtensorflow 2.9.1. */
export function installPackages({ vendorDirectory, directory }) {
  mkdirSync(directory, { recursive: true });
  for (const name of ['package.json', 'package-lock.json']) {
    cpSync(join(vendorDirectory, name), join(directory, name));
  }
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  runCommand(
    npm,
    ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'],
    'npm could not install @tensorflow/tfjs-node and what it needs; check the network or the npm registry that is set.',
    { cwd: directory },
  );
}

/** Replaces exactly one occurrence; a file that is not as expected is an error, never half patched. */
export function replaceOnce(text, from, to, name) {
  const parts = text.split(from);
  if (parts.length !== 2) {
    throw new BuildError(
      `${name} has ${parts.length - 1} occurrences of ${from} where 1 was expected: it is not the pinned version.`,
    );
  }
  return parts.join(to);
}

export function patchPackage(packageDirectory) {
  for (const name of PATCHED_FILES) {
    const path = join(packageDirectory, name);
    writeFileSync(path, replaceOnce(readFileSync(path, 'utf8'), UTIL_IMPORT, UTIL_REPLACEMENT, name));
  }
}
