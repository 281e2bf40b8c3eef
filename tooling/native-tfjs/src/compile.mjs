import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runCommand, tryCommand } from './command.mjs';
import { BuildError } from './errors.mjs';

export function findCompiler(candidates) {
  for (const compiler of candidates) {
    const result = tryCommand(compiler, ['--version']);
    if (result.ok) {
      return { compiler, version: result.stdout.split('\n')[0].trim() };
    }
  }
  throw new BuildError(
    `No C++ compiler was found (tried ${candidates.join(', ')}): install one (Debian: g++), or name one with --cxx.`,
  );
}

/**
 * Compiles the package's binding for Node-API 8, which every Node from 12.22 on loads, so no Node headers are needed.
 * `-z now`: a function that this TensorFlow no longer has is an error when the binding is loaded, not when it is called.
 */
export function compileBinding({
  compiler,
  packageDirectory,
  tensorflowDirectory,
  headersDirectory,
  output,
}) {
  mkdirSync(dirname(output), { recursive: true });
  const sources = ['tfjs_backend.cc', 'tfjs_binding.cc'].map((name) =>
    join(packageDirectory, 'binding', name),
  );
  const libraries = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'];
  runCommand(
    compiler,
    [
      ...['-std=c++17', '-O2', '-shared', '-fPIC', '-DNAPI_VERSION=8', '-DNODE_GYP_MODULE_NAME=tfjs_binding'],
      ...['-isystem', join(tensorflowDirectory, 'include'), '-isystem', headersDirectory],
      ...sources,
      ...['-o', output],
      ...libraries.map((name) => join(tensorflowDirectory, 'lib', name)),
      ...['-Wl,-z,now', '-Wl,-rpath,$ORIGIN/../../deps/lib'],
    ],
    `The binding did not compile against ${tensorflowDirectory}. Its sources are those of tfjs-node 4.22.0, seen to compile with TensorFlow 2.21; try that version with --tensorflow.`,
  );
}
