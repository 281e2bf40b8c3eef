import { openTensorsState, openTorchState, readJsonText } from '@ntk-lens/checkpoints';
import { BadArgumentError } from '@ntk-lens/core';
import type { MatchedModel } from '../optimizer-state/match-parameters.js';
import {
  type SecondMoment,
  type SecondMomentOptions,
  secondMomentFrom,
} from '../optimizer-state/second-moment.js';

export interface ReadSecondMomentOptions extends Omit<SecondMomentOptions, 'names'> {
  /** As of {@link SecondMomentOptions}; or the path of a JSON file with such an array. */
  readonly names?: readonly string[] | string;
}

/**
 * Opens the state of Adam or AdamW in a file: an `optimizer.pt` that transformers' Trainer, or
 * `torch.save(optimizer.state_dict())`, wrote, zip or legacy, or a `.safetensors` file of tensors
 * `<parameter>.exp_avg_sq`. See `secondMomentFrom` for what is checked.
 *
 * @example
 * ```ts
 * const model = await loadModel('checkpoint-500');
 * const moment = await readSecondMoment('checkpoint-500/optimizer.pt', model);
 * const { data } = await moment.read('roberta.encoder.layer.0.output.dense.weight');
 * const correction = 1 - moment.beta2 ** moment.step;
 * const d = data.map((v) => 1 / (Math.sqrt(v / correction) + 1e-8));
 * await moment.close();
 * ```
 * @param path the file; `.safetensors` is read as safetensors, everything else as a torch file
 * @param model whose parameters the optimizer trained
 * @throws OptimizerStateFormatError, NotAdamStateError, TrainingStateError for a file that is no state of Adam
 * @throws the errors of `secondMomentFrom`
 */
export const readSecondMoment = async (
  path: string,
  model: MatchedModel,
  options: ReadSecondMomentOptions = {},
): Promise<SecondMoment> => {
  const names = typeof options.names === 'string' ? await readNames(options.names) : options.names;
  const tensors = path.toLowerCase().endsWith('.safetensors');
  const state = await (tensors ? openTensorsState(path) : openTorchState(path));
  return secondMomentFrom(state, model, { ...options, names });
};

const readNames = async (file: string): Promise<readonly string[]> => {
  const text = await readJsonText(file);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new BadArgumentError('names', file, 'a JSON file');
  }
  if (!Array.isArray(value) || !value.every((name) => typeof name === 'string'))
    throw new BadArgumentError('names', file, 'a JSON file with an array of parameter names');
  return value;
};
