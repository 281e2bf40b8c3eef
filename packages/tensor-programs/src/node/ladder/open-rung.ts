import { type LongTaskOptions, sha256 } from '@ntk-lens/core';
import type { Runtime } from '@ntk-lens/engine';
import { type LanguageModel, loadModel } from '@ntk-lens/models';
import type { LadderRung } from '../../ladder/ladder-rung.js';
import type { LadderTask } from '../../ladder/measure-step.js';
import { NoLadderError } from '../../pretrain/errors.js';

/**
 * Gives a measurement that was kept, or makes it and keeps it.
 *
 * @param name name of the measurement among those of the model, fit for a file name
 * @param identity everything that it depends on, except the versions of programs: one of another identity is
 * made anew
 */
export type KeepMeasurement = <T>(
  rung: LadderRung,
  name: string,
  identity: Readonly<Record<string, unknown>>,
  measure: () => Promise<T>,
) => Promise<T>;

export interface OpenRungOptions extends Pick<LongTaskOptions, 'signal'> {
  readonly runtime: Runtime;
  /** The task as each model's tokenizer makes it. */
  readonly task: (directory: string) => Promise<LadderTask> | LadderTask;
  /** Default: nothing is kept. */
  readonly keep?: KeepMeasurement;
}

/** A model of a ladder with the prompts that it is measured on. */
export interface OpenRung extends Pick<LongTaskOptions, 'signal'> {
  readonly runtime: Runtime;
  readonly rung: LadderRung;
  readonly model: LanguageModel;
  readonly task: LadderTask;
  /** Measures what depends on model, prompts, runtime and `more` alone, where that is not kept. */
  readonly kept: <T>(
    what: string,
    more: Readonly<Record<string, unknown>>,
    measure: () => Promise<T>,
  ) => Promise<T>;
}

const measured: KeepMeasurement = (_rung, _name, _identity, measure) => measure();

/** Opens a model of a ladder for some work and closes it after. */
export const withRung = async <T>(
  { runtime, task: taskOf, keep = measured, signal }: OpenRungOptions,
  rung: LadderRung,
  work: (opened: OpenRung) => Promise<T>,
): Promise<T> => {
  const model = await loadModel(rung.directory);
  try {
    const task = await taskOf(rung.directory);
    const hash = await model.hash();
    if (rung.hash !== undefined && rung.hash !== hash)
      throw new NoLadderError(rung.directory, `a model with hash ${hash}, but a record of ${rung.hash}`);
    const prompts = sha256().update(JSON.stringify(task)).hex();
    const { runtime: name, version, dtype, threads } = runtime.info;
    const identity = {
      model: hash,
      scheme: rung.scheme,
      prompts,
      runtime: { name, version, dtype, threads },
    };
    return await work({
      runtime,
      rung,
      model,
      task,
      kept: (what, more, measure) =>
        keep(rung, `${what}-${prompts.slice(0, 12)}`, { ...identity, ...more }, measure),
      signal,
    });
  } finally {
    await model.close();
  }
};
