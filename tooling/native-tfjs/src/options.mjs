import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { BuildError } from './errors.mjs';

/** The TensorFlow release that this recipe was last seen to work with. */
export const DEFAULT_TENSORFLOW = '2.21.0';

export const USAGE = `Usage: node tooling/native-tfjs/build.mjs [options]

Builds the native binding of @tensorflow/tfjs-node against the C API of a TensorFlow wheel,
into a folder of its own, and checks that it computes. A finished build is reused.

  --out DIR             where to build (default: .native-tfjs at the repository root)
  --tensorflow VERSION  TensorFlow release to link with, or "latest" (default: ${DEFAULT_TENSORFLOW})
  --wheel FILE          use this wheel instead of letting pip find one
  --gpu                 build @tensorflow/tfjs-node-gpu against the "tensorflow" wheel (CUDA)
  --link DIR            also make @tensorflow/tfjs-node resolvable from DIR (a package folder); repeatable
  --python PROGRAM      Python with pip (default: $PYTHON, python3, python)
  --cxx PROGRAM         C++17 compiler (default: $CXX, g++, clang++, c++)
  --force               build again even where a finished build is found
  --skip-check          do not load and measure the result
  --json                print one JSON line with versions, paths and rates on standard output
  --help                this text
`;

/** @param {readonly string[]} argv Arguments after the script's name. */
export function parseOptions(argv, { repositoryRoot, env = {} }) {
  let values;
  try {
    ({ values } = parseArgs({
      args: [...argv],
      options: {
        out: { type: 'string' },
        tensorflow: { type: 'string' },
        wheel: { type: 'string' },
        gpu: { type: 'boolean', default: false },
        link: { type: 'string', multiple: true, default: [] },
        python: { type: 'string' },
        cxx: { type: 'string' },
        force: { type: 'boolean', default: false },
        'skip-check': { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }));
  } catch (cause) {
    throw new BuildError(`${cause.message}\n\n${USAGE}`, { exitCode: 2, cause });
  }
  if (values.tensorflow !== undefined && values.wheel !== undefined) {
    throw new BuildError(
      '--tensorflow and --wheel were both given; a wheel already is one version: give one of the two.',
      {
        exitCode: 2,
      },
    );
  }
  const tensorflow = values.tensorflow ?? DEFAULT_TENSORFLOW;
  if (tensorflow !== 'latest' && !/^\d+\.\d+\.\d+\w*$/.test(tensorflow)) {
    throw new BuildError(
      `--tensorflow is "${tensorflow}"; expected a full version such as ${DEFAULT_TENSORFLOW}, or "latest".`,
      {
        exitCode: 2,
      },
    );
  }
  return {
    out: resolve(values.out ?? resolve(repositoryRoot, '.native-tfjs')),
    tensorflow,
    wheel: values.wheel === undefined ? undefined : resolve(values.wheel),
    npmPackage: values.gpu ? '@tensorflow/tfjs-node-gpu' : '@tensorflow/tfjs-node',
    distribution: values.gpu ? 'tensorflow' : 'tensorflow-cpu',
    links: values.link.map((directory) => resolve(directory)),
    pythons: values.python ? [values.python] : [env.PYTHON, 'python3', 'python'].filter(Boolean),
    compilers: values.cxx ? [values.cxx] : [env.CXX, 'g++', 'clang++', 'c++'].filter(Boolean),
    force: values.force,
    skipCheck: values['skip-check'],
    json: values.json,
    help: values.help,
  };
}
