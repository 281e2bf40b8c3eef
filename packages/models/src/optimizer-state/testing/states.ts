import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encodeTorchFile, type TorchValue } from '@ntk-lens/checkpoints';
import { type NDArray, ndarray, sizeOf } from '@ntk-lens/core';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { nameRulesOf } from '../../architectures/name-rules.js';
import { parametersOf } from '../../architectures/parameters-of.js';
import { parseModelConfig } from '../../config/parse-model-config.js';
import { type ReadSecondMomentOptions, readSecondMoment } from '../../node/read-second-moment.js';
import type { MatchedModel } from '../match-parameters.js';

/** Files of tooling/reference/make_optimizer_states.py. */
export const stateRoot = fileURLToPath(new URL('../../../fixtures/optimizer-states', import.meta.url));

/** One case, as the program stored it. */
export interface StateCase {
  readonly config: Readonly<Record<string, unknown>>;
  readonly step: number;
  readonly beta2: number;
  readonly order: readonly string[];
  readonly parameters: Readonly<
    Record<string, { readonly shape: readonly number[]; readonly norm: number; readonly probe: number }>
  >;
}

export const stateCase = (name: string): StateCase =>
  JSON.parse(readFileSync(join(stateRoot, `${name}.json`), 'utf8')) as StateCase;

/** The names and shapes of a model, as its weight files would give them. */
export const modelOf = (raw: Readonly<Record<string, unknown>>): MatchedModel => {
  const config = parseModelConfig(raw);
  const { decoderWeight, wordEmbeddings } = nameRulesOf(config);
  return {
    config,
    parameters: parametersOf(config),
    storedName: (name) => (config.tieWordEmbeddings && name === decoderWeight ? wordEmbeddings : name),
  };
};

/** Writes a file for one test. */
export const fileOf = async (bytes: Uint8Array | string, extension = 'pt'): Promise<string> => {
  const file = join(await temporaryDirectory(), `state.${extension}`);
  await writeFile(file, bytes);
  return file;
};

/** An array of a shape, filled with one number. */
export const filled = (shape: readonly number[], value: number): NDArray<'float32'> =>
  ndarray<'float32'>(new Float32Array(sizeOf(shape)).fill(value), shape);

/** A value of dictionaries, lists and tensors as `torch.save` would write it. */
export type Plain = TorchValue | { readonly [key: string]: Plain | undefined } | readonly Plain[];

const isArray = (value: Plain): value is NDArray =>
  typeof value === 'object' && value !== null && 'dtype' in value && 'data' in value;

const torchValue = (value: Plain): TorchValue => {
  if (typeof value !== 'object' || value === null || isArray(value)) return value as TorchValue;
  if (Array.isArray(value)) return value.map(torchValue);
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [key, torchValue(item as Plain)]));
  const given = Object.entries(value).filter(([, item]) => item !== undefined);
  return new Map(given.map(([key, item]) => [key, torchValue(item as Plain)]));
};

export const torchFile = async (value: Plain): Promise<string> =>
  fileOf(await encodeTorchFile(torchValue(value)));

/** A state of Adam whose k-th parameter has v = k + 1, in one group. */
export const adamState = (
  shapes: readonly (readonly number[])[],
  {
    step = 3,
    betas = [0.9, 0.99],
    names,
  }: { step?: number; betas?: number[]; names?: readonly string[] } = {},
) => ({
  state: new Map(
    shapes.map((shape, k) => [k, { step, exp_avg: filled(shape, 0), exp_avg_sq: filled(shape, k + 1) }]),
  ) as unknown as ReadonlyMap<number, TorchValue>,
  param_groups: [{ betas, lr: 0.1, params: shapes.map((_, k) => k), param_names: names }],
});

/**
 * A RoBERTa: its parameters in the order of one group, and one of them in the middle.
 *
 * @returns with `refusal`, the error with which a file is refused when it is opened, and `changed`, a file of a state in
 *   one group with one entry changed
 */
export const tinyRoberta = () => {
  const { config, order, parameters } = stateCase('roberta-named');
  const query = 'roberta.encoder.layer.0.attention.self.query.weight';
  const shapes = order.map((name) => parameters[name]!.shape);
  const [model, place] = [modelOf(config), order.indexOf(query)];
  const refusal = (file: string, options: ReadSecondMomentOptions = {}, of = model): Promise<Error> =>
    readSecondMoment(file, of, options).then(
      () => {
        throw new Error(`${file} was read.`);
      },
      (error: unknown) => error as Error,
    );
  const changed = (change: (entry: Record<string, unknown>) => Record<string, unknown>, at = place) => {
    const state = adamState(shapes, { names: order });
    const entries = new Map([...state.state].map(([key, entry]) => [key, { ...(entry as object) }] as const));
    entries.set(at, change(entries.get(at) as Record<string, unknown>));
    return torchFile({ ...state, state: entries } as never);
  };
  return { config, order, shapes, model, query, place, refusal, changed };
};

/** Path of a file of tooling/reference/make_optimizer_states.py. */
export const fixture = (name: string): string => join(stateRoot, name);
