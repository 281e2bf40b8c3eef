import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomically } from '@ntk-lens/checkpoints';
import {
  BadArgumentError,
  fileHash,
  type LongTaskOptions,
  lockedDirectory,
  namesIn,
  readFileList,
  removeUnfinished,
  sizeOf,
  throwIfCancelled,
  verifyFileList,
  writeFileList,
  writeSealedJson,
} from '@ntk-lens/core';
import type { Runtime } from '@ntk-lens/engine';
import { loadModel, saveModel } from '@ntk-lens/models';
import { languageTask, languageTaskNames } from '../../language/labelled-task.js';
import { tokenizerFiles } from '../../language/tokenizer-files.js';
import { differencesOf, OtherLadderError } from '../../pretrain/errors.js';
import { pretrainModel } from '../../pretrain/pretrain-model.js';
import type { PretrainedRung } from '../../pretrain/rung.js';
import { type PretrainingScheme, schemeConfig } from '../../pretrain/scheme.js';
import { zeroShotOf } from '../../pretrain/zero-shot.js';
import { RUNG_FILE, readRung } from './read-rung.js';

export interface PretrainLadderOptions extends LongTaskOptions {
  readonly runtime: Runtime;
  readonly scheme: PretrainingScheme;
  readonly widths: readonly number[];
  readonly seeds: readonly number[];
  /** Gets a model directory per width and seed, `language/` and `ladder.json`. */
  readonly directory: string;
}

/** The content of `ladder.json`. */
export interface LadderManifest {
  readonly format: 'ntk-lens-ladder';
  readonly version: 2;
  readonly scheme: PretrainingScheme;
  /** Every model of the directory, those of earlier calls included. */
  readonly rungs: readonly (Omit<PretrainedRung, 'format' | 'version' | 'scheme'> & {
    /** Name of the model directory. */
    readonly directory: string;
  })[];
}

/** Examples of each task in its file: enough for 64 shots per label and a test set. */
const TASK_SIZE = 600;

/** Writes the tokenizer, and the tasks as CSV files that `--data` takes; @returns paths of the tokenizer's files */
const writeLanguage = async (directory: string, seed: number): Promise<string[]> => {
  for (const name of languageTaskNames) {
    const { examples } = languageTask({ name, size: TASK_SIZE, seed: (seed + 1) >>> 0 });
    const lines = examples.map(({ texts, label }) => `${texts[0]},${label}`);
    await writeAtomically(join(directory, `${name}.csv`), `text,label\n${lines.join('\n')}\n`);
  }
  const files = Object.entries(tokenizerFiles).map(([name, text]) => [join(directory, name), text] as const);
  for (const [file, text] of files) await writeAtomically(file, text);
  const names = [...Object.keys(tokenizerFiles), ...languageTaskNames.map((name) => `${name}.csv`)];
  const sums = names.map(async (name) => [name, await fileHash(join(directory, name))] as const);
  await writeFileList(directory, Object.fromEntries(await Promise.all(sums)));
  return files.map(([file]) => file);
};

/**
 * Pre-trains masked language models of one scheme at every width and seed. Finished models of the same scheme
 * in a directory are kept; an interrupted one goes on; the same runtime and threads give the same bytes.
 *
 * @example
 * ```ts
 * await pretrainLadder({ runtime, directory: 'ladder', scheme: defaultScheme, widths: [64, 128, 256], seeds: [0, 1] });
 * const model = await loadModel('ladder/width-64-seed-0');
 * ```
 * @throws OtherLadderError if the directory holds models of another scheme; ParametrizationError;
 *   DirectoryInUseError; NoLadderError and DamagedFileError for a model that is not what was written;
 *   BadArgumentError for widths that the heads do not divide; DivergedError; CancelledError
 */
export const pretrainLadder = (options: PretrainLadderOptions): Promise<LadderManifest> =>
  lockedDirectory(options.directory, () => keptLadder(options));

const keptLadder = async (options: PretrainLadderOptions): Promise<LadderManifest> => {
  const { runtime, scheme, widths, seeds, directory, signal, onProgress } = options;
  if (widths.length === 0 || seeds.length === 0)
    throw new BadArgumentError(
      'widths and seeds',
      `${widths.length} and ${seeds.length}`,
      'at least one of each',
    );
  for (const width of widths) schemeConfig(scheme, width);
  const plan = [...widths]
    .sort((a, b) => a - b)
    .flatMap((width) => seeds.map((seed) => ({ width, seed, name: `width-${width}-seed-${seed}` })));
  for (const rung of await rungsIn(directory)) {
    const differences = differencesOf({ ...rung.scheme }, { ...scheme });
    if (differences.length > 0) throw new OtherLadderError(join(directory, rung.directory), differences);
  }
  const language = join(directory, 'language');
  await removeUnfinished(directory, language);
  const tokenizer = await writeLanguage(language, scheme.languageSeed);
  for (const [i, { width, seed, name }] of plan.entries()) {
    throwIfCancelled(signal, 'Pre-training');
    const own = join(directory, name);
    const label = `width ${width}, seed ${seed} (${i + 1}/${plan.length})`;
    await removeUnfinished(own);
    if (await readRung(own)) {
      await verifyFileList(own);
      // Still there if a kill came between the last file and its removal.
      await removeCheckpoints(own);
      continue;
    }
    await trainRung({
      runtime,
      scheme,
      width,
      seed,
      directory: own,
      tokenizer,
      signal,
      onProgress: (event) =>
        onProgress?.({
          ...event,
          phase: event.phase === 'fine-tune' ? 'pretrain' : event.phase,
          detail: event.detail === undefined ? label : `${label}, ${event.detail}`,
        }),
    });
  }
  const rungs = (await rungsIn(directory)).map(({ format: _, version: __, scheme: ___, ...rest }) => rest);
  const manifest: LadderManifest = { format: 'ntk-lens-ladder', version: 2, scheme, rungs };
  await writeSealedJson(join(directory, 'ladder.json'), { ...manifest }, 1);
  return manifest;
};

/** Every model that a ladder's directory holds, by width, then seed. */
const rungsIn = async (directory: string): Promise<readonly (PretrainedRung & { directory: string })[]> => {
  const names = await namesIn(directory);
  const found: (PretrainedRung & { directory: string })[] = [];
  for (const name of names.filter((entry) => /^width-\d+-seed-\d+$/.test(entry))) {
    const rung = await readRung(join(directory, name));
    if (rung) found.push({ directory: name, ...rung });
  }
  return found.sort((a, b) => a.width - b.width || a.seed - b.seed);
};

interface TrainRungOptions extends LongTaskOptions {
  readonly runtime: Runtime;
  readonly scheme: PretrainingScheme;
  readonly width: number;
  readonly seed: number;
  readonly directory: string;
  readonly tokenizer: readonly string[];
}

const checkpointsOf = (rung: string): string => join(rung, 'training');
const removeCheckpoints = (rung: string): Promise<void> =>
  rm(checkpointsOf(rung), { recursive: true, force: true });

const trainRung = async (options: TrainRungOptions): Promise<void> => {
  const { directory, tokenizer, ...training } = options;
  const { runtime, scheme, width, seed, signal, onProgress } = training;
  const long = { signal, onProgress };
  const checkpoints = checkpointsOf(directory);
  const tuned = await pretrainModel({ ...training, directory: checkpoints });
  await saveModel(directory, tuned.model, {
    config: schemeConfig(scheme, width),
    tokenizerFiles: tokenizer,
    ...long,
  });
  const losses = tuned.history.flatMap(({ loss }) => (loss === undefined ? [] : [loss]));
  const part = Math.max(1, Math.floor(losses.length / 20));
  const mean = (values: readonly number[]) => values.reduce((sum, x) => sum + x, 0) / values.length;
  const model = await loadModel(directory);
  try {
    const rung: PretrainedRung = {
      format: 'ntk-lens-pretraining',
      version: 2,
      scheme,
      width,
      seed,
      runtime: `${runtime.info.runtime} ${runtime.info.version}, ${runtime.info.threads} threads`,
      hash: await model.hash(),
      weights: (await readFileList(directory))?.['model.safetensors'],
      parameters: [...model.parameters.values()].reduce((sum, shape) => sum + sizeOf(shape), 0),
      loss: { first: mean(losses.slice(0, part)), last: mean(losses.slice(-part)) },
      zeroShot: {
        sentiment: await zeroShotOf(model, runtime, 'sentiment', long),
        topic: await zeroShotOf(model, runtime, 'topic', long),
      },
    };
    await writeSealedJson(join(directory, RUNG_FILE), { ...rung }, 1);
    await removeCheckpoints(directory);
  } finally {
    await model.close();
  }
};
