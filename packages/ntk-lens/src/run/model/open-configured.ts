import type { LongTaskOptions } from '@ntk-lens/core';
import type { RunConfig } from '../../options/run-config.js';
import { knownRuntime } from '../known-runtime.js';
import { openModel } from './open-model.js';
import type { OpenedModel } from './opened-model.js';

/**
 * The model of a configuration, once the runtime that it names is known to be one.
 *
 * @throws BadArgumentError for another runtime; what `openModel` throws
 */
export const openConfigured = async (
  { model, revision, runtime }: Pick<RunConfig, 'model' | 'revision' | 'runtime'>,
  {
    signal,
    onProgress,
    openModel: open = openModel,
  }: LongTaskOptions & { readonly openModel?: typeof openModel },
): Promise<OpenedModel> => {
  await knownRuntime(runtime);
  return open(model, {
    ...(revision !== undefined && { revision }),
    ...(signal && { signal }),
    ...(onProgress && { onProgress }),
  });
};
