import type { Lens, LensOptions } from './lens.js';
import { nodePlatform } from './node/node-platform.js';
import { openLensOn, type RuntimeChoice, shareRuntimeOn } from './open-lens.js';
import type { SharedRuntime } from './session/shared-runtime.js';

export * from './exports.js';
export { loadKernel } from './node/load-kernel.js';
export { BadProfileError, OtherMachineError } from './node/machine/errors.js';
export { refuseOtherMachine } from './node/machine/machine-profile.js';
export { readMachineProfile, writeMachineProfile } from './node/machine/profile-file.js';
export {
  type FoundModel,
  modelDirectoriesHere,
  modelDirectory,
} from './node/model-directory.js';
export {
  DamagedRunError,
  DiskFullError,
  ForeignKernelsError,
  LabelOrderError,
  NoKernelsError,
  NoPartsError,
  NotRunDirectoryError,
  OtherRunError,
  RunVersionError,
} from './node/store/errors.js';
export { openLargeKernel } from './node/store/large-kernels.js';

/**
 * Opens a session: a model, its tokenizer and, when it is first needed, a runtime.
 *
 * @example
 * ```ts
 * const lens = await openLens({ model: 'roberta-base', space: 'lora:r=8', memory: '2GB' });
 * const task = await lens.task('SST-2', { data: 'k-shot', shots: 16, seed: 42 });
 * const kernel = await lens.kernel(task, { formula: 'sgd' });
 * const { test } = await lens.solve(kernel); // chosen on dev
 * const { verdicts } = await lens.check(task);
 * await lens.close();
 * ```
 * @param options Default: the embedded model on the fastest runtime that works here
 * @throws UnknownModelError, NoEmbeddedModelError, ModelConfigError, UnsupportedArchitectureError, and what the files of
 *   tokenizer and weights cause; UnknownSpaceError, SpaceSpecError; BadArgumentError for a runtime that there is not
 */
export const openLens = (options?: LensOptions): Promise<Lens> => openLensOn(nodePlatform, options);

/**
 * A runtime for several sessions, or for work without one; it is opened when it is first needed.
 *
 * @example
 * ```ts
 * const runtime = shareRuntime({ runtime: 'ort-cpu', threads: 2 });
 * const [small, large] = [await openLens({ runtime }), await openLens({ runtime, model: 'roberta-base' })];
 * ```
 * @throws BadArgumentError
 */
export const shareRuntime = (options?: RuntimeChoice): SharedRuntime => shareRuntimeOn(nodePlatform, options);
