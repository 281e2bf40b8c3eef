import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import * as tf from '@ntk-lens/tfjs';
import { EagerRuntime } from '../../eager/eager-runtime.js';
import { RuntimeUnavailableError } from '../../errors.js';
import type { RuntimeName } from '../../runtime-names.js';
import { keepFloat32Products } from './float32-products.js';
import type { Opener } from './opener.js';
import { packageFolder, packageTitle, requirePackage } from './package-info.js';

/** Environment variable with the folder of a built @tensorflow/tfjs-node or -gpu package. */
export const TFJS_NODE_VARIABLE = 'NTK_LENS_TFJS_NODE';

type TensorflowPackage = '@tensorflow/tfjs-node' | '@tensorflow/tfjs-node-gpu';

interface TensorflowBackend {
  readonly isUsingGpuDevice?: boolean;
  readonly binding?: { readonly TF_Version?: string };
}

/** Both packages register the same backend, `tensorflow`, so a process can hold one of them. */
let loaded: TensorflowPackage | undefined;

const guide = 'https://github.com/ntk-lens/ntk-lens/blob/main/docs/native-tfjs.md';

/** Install scripts of the published packages fetch files that are old or gone, so an install may well have failed. */
const remedyFor = (name: TensorflowPackage): string =>
  `A script in a checkout of NTK Lens builds its binding${name.endsWith('-gpu') ? ' with the option --gpu, on Linux with CUDA' : ''} (${guide}); set ${TFJS_NODE_VARIABLE} to the folder of the package that it makes. "npm install ${name}" works if its own install script finds the files that it fetches.`;

/** Folder of the package: the one the environment variable names, if it is this package, else the installed one. */
const findPackage = (name: TensorflowPackage): string => {
  const variable = process.env[TFJS_NODE_VARIABLE];
  if (variable) {
    const folder = resolve(variable);
    if (!existsSync(join(folder, 'package.json'))) {
      throw new Error(`${TFJS_NODE_VARIABLE} is "${variable}", which is not the folder of a package.`);
    }
    if (packageTitle(folder).name === name) return folder;
  }
  const folder = packageFolder(name);
  if (folder) return folder;
  throw new Error(
    variable
      ? `${name} is not installed, and ${TFJS_NODE_VARIABLE} names another package.`
      : `${name} is not installed.`,
  );
};

/** Opens tfjs on libtensorflow. */
export const openTensorflow =
  (runtime: RuntimeName, name: TensorflowPackage): Opener =>
  async ({ threads, reason }) => {
    const unavailable = (why: string, remedy: string = remedyFor(name), cause?: unknown) =>
      new RuntimeUnavailableError(runtime, why, remedy, { cause });
    if (loaded && loaded !== name) {
      throw unavailable(`this process has loaded ${loaded} already.`, 'Use one of the two per process.');
    }
    let folder: string;
    try {
      folder = findPackage(name);
      // TensorFlow reads these when it is loaded, and never again.
      if (!loaded) {
        // With oneDNN, small threaded products of TensorFlow 2.21 were seen to overwrite the heap on AVX-512
        // processors: NaN in kernels that are exact without it. Set the variable to 1 to have it back.
        process.env['TF_ENABLE_ONEDNN_OPTS'] ??= '0';
        process.env['TF_NUM_INTRAOP_THREADS'] ??= String(threads);
        if (runtime === 'tfjs-node-gpu') keepFloat32Products();
        process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
      }
      // Registers the backend `tensorflow` with the tfjs engine, which all copies of tfjs in a process share.
      requirePackage(folder);
      loaded = name;
      if (!(await tf.setBackend('tensorflow'))) throw new Error('its backend does not start.');
    } catch (cause) {
      const message = (cause as Error).message.trim().split('\n')[0]!;
      throw unavailable(/[.!]$/.test(message) ? message : `${message}.`, remedyFor(name), cause);
    }
    const backend = tf.backend() as TensorflowBackend;
    if (runtime === 'tfjs-node-gpu' && !backend.isUsingGpuDevice) {
      throw unavailable(
        'TensorFlow sees no CUDA device.',
        `Check the driver, and that LD_LIBRARY_PATH has the CUDA libraries (${guide}).`,
      );
    }
    const tensorflow = backend.binding?.TF_Version ? `, TensorFlow ${backend.binding.TF_Version}` : '';
    return new EagerRuntime(
      {
        runtime,
        version: `${packageTitle(folder).title}${tensorflow}`,
        dtype: 'float32',
        threads: Number(process.env['TF_NUM_INTRAOP_THREADS']),
        reason,
      },
      'tensorflow',
    );
  };
