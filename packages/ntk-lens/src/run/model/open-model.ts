import type { LongTaskOptions } from '@ntk-lens/core';
import { modelDirectory } from './model-directory.js';
import type { OpenedModel } from './opened-model.js';
import { parameterCount } from './parameter-count.js';

/**
 * Opens the embedded model, a model directory, or a model of the Hub: configuration and tokenizer now, weights on demand.
 *
 * @throws UnknownModelError, ModelConfigError, UnsupportedArchitectureError, and what the tokenizer's files cause
 */
export const openModel = async (
  wanted: string | undefined,
  options: LongTaskOptions & { readonly revision?: string } = {},
): Promise<OpenedModel> => {
  const { name, directory } = await modelDirectory(wanted, options);
  const { architectureOf, readModelConfig, loadModel, readSecondMoment } = await import('@ntk-lens/models');
  const { loadTokenizer } = await import('@ntk-lens/tokenizers');
  const config = await readModelConfig(directory);
  const tokenizer = await loadTokenizer(directory);
  return {
    name,
    directory,
    tokenizer,
    maxTokens: config.maxTokens,
    objective: architectureOf(config).objective,
    openOptimizerState: async (file, options) => {
      const model = await loadModel(directory);
      try {
        return await readSecondMoment(file, model, options);
      } finally {
        await model.close();
      }
    },
    load: async () => {
      const model = await loadModel(directory);
      const { KernelRunner } = await import('./kernel-runner.js');
      const { forwardPasses } = await import('./forward-passes.js');
      const runner = new KernelRunner(model);
      return {
        hash: await model.hash(),
        parameters: parameterCount(model),
        computeKernels: (request, options) => runner.compute(request, options),
        check: (request) => runner.check(request),
        explain: (request, options) => runner.explain(request, options),
        describeSpace: (space) => runner.describeSpace(space),
        forward: forwardPasses(model, (machine) => runner.open(machine)),
        close: async () => {
          await runner.close();
          await model.close();
        },
      };
    },
  };
};
