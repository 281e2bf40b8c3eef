import { Beta2Error, type ParameterKey, type StoredState } from '@ntk-lens/checkpoints';
import { BadArgumentError, type NDArray } from '@ntk-lens/core';
import { MissingSecondMomentError, OptimizerStepError, ParameterNamesError } from './errors.js';
import { type MatchedModel, matchParameters } from './match-parameters.js';
import { orderHash } from './order-hash.js';
import { checkMoments, readPossible } from './possible-moments.js';
import { resolveNumbers } from './resolve-numbers.js';

/**
 * Adam's second moment v of a model's parameters, as an optimizer left it: v ← β₂ v + (1 − β₂) g², from 0. Corrected
 * for that start it is v̂ = v / (1 − β₂ᵗ), and Adam scales coordinates by D = 1 / (√v̂ + ε).
 */
export interface SecondMoment {
  /** t, steps that the optimizer has taken, at least 1. */
  readonly step: number;
  readonly beta2: number;
  /** SHA-256 of the file, hexadecimal. */
  readonly sha256: string;
  /**
   * Plain JSON for a manifest: `file` (its name), `format`, `order`, `sha256`, `step`, `beta2`, `beta2From`,
   * `names`, `without`. `order` is a SHA-256 of which stored v each parameter has, so that two lists of names
   * can be distinguished.
   */
  readonly describe: Readonly<Record<string, unknown>>;
  /** True where the optimizer keeps v for a parameter; it may not have trained all of them. */
  has(parameter: string): boolean;
  /**
   * Reads v of a parameter, in the parameter's shape, a fresh array that the caller owns. A tied decoder has the v of
   * the word embeddings.
   *
   * @throws MissingSecondMomentError; SecondMomentValueError where the file has changed since it was opened
   */
  read(parameter: string): Promise<NDArray<'float32'>>;
  close(): Promise<void>;
}

export interface SecondMomentOptions {
  /**
   * Names of the optimizer's parameters in the order of its groups, those included that have no state. Needed where the
   * file only numbers its parameters and the model was not made and grouped as transformers does.
   */
  readonly names?: readonly string[];
  /** β₂ where the file does not say. Default: 0.999, as in torch. */
  readonly beta2?: number;
}

/**
 * Matches the state of Adam or AdamW with a model. Names and shapes are checked against the model, and every
 * v of the model is checked to be finite and not negative, before this returns. v is read one parameter at a
 * time.
 *
 * torch numbers parameters instead of naming them. Names come from the option, else from `param_names` in the
 * file, else from the order and the groups that transformers 4 and 5 make for the architecture. A state that
 * does not fit, or fits in two ways, is refused.
 *
 * @example
 * ```ts
 * const moment = await secondMomentFrom(await torchStateFrom(bytes, 'optimizer.pt'), model);
 * const { data } = await moment.read('roberta.encoder.layer.0.output.dense.weight');
 * ```
 * @param state the result of `torchStateFrom` or `tensorsStateFrom` of `@ntk-lens/checkpoints`; closes with
 * the result
 * @param model whose parameters the optimizer trained
 * @throws ParameterNamesError where names cannot be found for sure; OptimizerModelError for the state of
 * another model
 * @throws SecondMomentValueError for a v with a number that is negative or not finite
 * @throws OptimizerStepError, Beta2Error, BadArgumentError, and every error of the weight readers
 */
export const secondMomentFrom = async (
  state: StoredState,
  model: MatchedModel,
  options: SecondMomentOptions = {},
): Promise<SecondMoment> => {
  const { file } = state;
  try {
    const { keys, from } = namesOf(file, state, model, options.names);
    const matched = matchParameters(file, state, keys, model);
    const step = await sharedStep(file, state, new Set(matched.values()));
    const { beta2, beta2From } = beta2Of(file, state.beta2, options.beta2);
    await checkMoments(file, state, matched);
    const sha256 = await state.sha256();
    const without = [...model.parameters.keys()].filter((name) => !matched.has(name));
    return {
      step,
      beta2,
      sha256,
      describe: {
        file: /[^\\/]*$/.exec(file)![0],
        format: state.format,
        order: orderHash(matched),
        sha256,
        step,
        beta2,
        beta2From,
        names: from,
        without,
      },
      has: (parameter) => matched.has(parameter),
      read: async (parameter) => {
        const key = matched.get(parameter);
        if (key === undefined) throw new MissingSecondMomentError(file, parameter);
        return readPossible(file, state, parameter, key);
      },
      close: () => state.close(),
    };
  } catch (error) {
    await state.close();
    throw error;
  }
};

/** Names of the optimizer's parameters, and where they come from. */
const namesOf = (
  file: string,
  state: StoredState,
  model: MatchedModel,
  given: readonly string[] | undefined,
): { readonly keys: ReadonlyMap<string, ParameterKey>; readonly from: string } => {
  const order = state.groups?.flat() ?? [...state.moments.keys()].sort((a, b) => Number(a) - Number(b));
  const texts = order.filter((key) => typeof key === 'string');
  if (texts.length > 0) {
    if (texts.length < order.length) throw new ParameterNamesError(file, 'it has both names and numbers');
    if (given)
      throw new BadArgumentError(
        'names',
        `${given.length} names`,
        `no names, because ${file} already names its parameters`,
      );
    return { keys: new Map(texts.map((name) => [name, name])), from: 'names in the file' };
  }
  const named = given ?? state.paramNames;
  if (named === undefined) {
    const { keys, rule } = resolveNumbers(file, state, model);
    return { keys, from: `order of transformers, ${rule}` };
  }
  if (new Set(named).size < named.length)
    throw new ParameterNamesError(file, 'its names are not all different');
  const expected = state.groups ? order.length : Math.max(...order.map(Number)) + 1;
  if (named.length !== expected) {
    const found = `${named.length} names`;
    throw new BadArgumentError('names', found, `${expected}, one for each parameter of ${file}`);
  }
  const keys = new Map(named.map((name, place) => [name, state.groups ? order[place]! : place]));
  return { keys, from: given ? 'given names' : 'param_names in the file' };
};

const sharedStep = async (
  file: string,
  state: StoredState,
  keys: Iterable<ParameterKey>,
): Promise<number> => {
  let shared: number | undefined;
  for (const key of keys) {
    const step = await state.moments.get(key)!.step();
    if (step === undefined) throw new OptimizerStepError(file, `no step count of parameter ${key}`);
    if (!(Number.isSafeInteger(step) && step >= 1))
      throw new OptimizerStepError(file, `${step} steps of parameter ${key}`);
    shared ??= step;
    if (step !== shared)
      throw new OptimizerStepError(file, `${shared} steps, and ${step} of parameter ${key}`);
  }
  if (shared === undefined) throw new OptimizerStepError(file, 'no step count');
  return shared;
};

const beta2Of = (
  file: string,
  stored: number | undefined,
  option: number | undefined,
): { readonly beta2: number; readonly beta2From: string } => {
  const valid = (value: number) => value >= 0 && value < 1;
  if (option !== undefined && !valid(option))
    throw new BadArgumentError('beta2', option, 'a number from 0 to below 1');
  if (stored === undefined)
    return { beta2: option ?? 0.999, beta2From: option === undefined ? 'default' : 'option' };
  if (!valid(stored)) throw new Beta2Error(file, `β₂ = ${stored}`);
  if (option !== undefined && option !== stored)
    throw new Beta2Error(file, `β₂ = ${stored}, where the option beta2 says ${option}`);
  return { beta2: stored, beta2From: 'file' };
};
