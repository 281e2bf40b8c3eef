import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openSafetensors, writeAtomically, writeSafetensors } from '@ntk-lens/checkpoints';
import { firstNonFinite, isNtkLensError, type NDArray, NtkLensError, sameShape } from '@ntk-lens/core';
import { isUnfinished } from '@ntk-lens/core/node';
import { DamagedCheckpointError, OtherTrainingError } from '../errors.js';
import type { Variable } from '../variables/plan-variables.js';

/** The numbers of one optimizer step. */
export interface HistoryEntry {
  /** Optimizer steps taken. */
  readonly step: number;
  /** Mean loss of the step's batch, before the step. */
  readonly loss?: number;
  /** Global norm of the gradient, where it was needed. */
  readonly gradientNorm?: number;
  readonly learningRate?: number;
  readonly dev?: { readonly score: number; readonly loss: number };
}

/** Everything but tensors that a training is resumed from. */
export interface TrainingRecord {
  readonly step: number;
  readonly history: readonly HistoryEntry[];
  readonly best?: { readonly step: number; readonly score: number };
  /** Evaluations since the best one. */
  readonly withoutGain: number;
  /** True once the last step was taken or training stopped early. */
  readonly finished: boolean;
}

/** Version of the layout of checkpoints; a training of another version is refused. */
const checkpointVersion = 2;

interface StoredCheckpoint extends TrainingRecord {
  readonly format: 'ntk-lens-training';
  readonly version: typeof checkpointVersion;
  readonly identity: Readonly<Record<string, unknown>>;
  /** `state` goes when training is finished and dev has chosen: only the best values matter then. */
  readonly files: { readonly state?: string; readonly best?: string };
}

const CHECKPOINT = 'checkpoint.json';

/** A checkpoint of another version. */
export class OldCheckpointError extends NtkLensError {
  static readonly code = 'OLD_CHECKPOINT';
  constructor(
    directory: string,
    /** Version that was found. */
    readonly found: number,
  ) {
    super(
      OldCheckpointError.code,
      'input',
      `The checkpoint in ${directory} is of another version: found version ${found}, expected ${checkpointVersion}. Remove the folder, or give --force where the command has it, to train from the start.`,
    );
  }
}

/** Named tensors, made one after another as they are written. */
export type TensorsByName = ReadonlyMap<string, NDArray<'float32'>>;

/** Checkpoints of one training in a directory: the newest state, and the best values on dev. */
export class CheckpointDirectory {
  readonly path: string;
  readonly #identity: Readonly<Record<string, unknown>>;
  #files: StoredCheckpoint['files'] | undefined;

  private constructor(path: string, identity: Readonly<Record<string, unknown>>) {
    this.path = path;
    this.#identity = JSON.parse(JSON.stringify(identity)) as Record<string, unknown>;
  }

  /**
   * Opens or makes the directory, and reads the record in it.
   *
   * @param identity everything that the result depends on
   * @throws OtherTrainingError if it holds a training with another identity; OldCheckpointError for one of another version;
   *   DamagedCheckpointError
   */
  static async open(
    path: string,
    identity: Readonly<Record<string, unknown>>,
  ): Promise<{ directory: CheckpointDirectory; record: TrainingRecord | undefined }> {
    const directory = new CheckpointDirectory(path, identity);
    await mkdir(path, { recursive: true });
    return { directory, record: await directory.#read() };
  }

  async #read(): Promise<TrainingRecord | undefined> {
    const file = join(this.path, CHECKPOINT);
    if (!existsSync(file)) return undefined;
    let stored: StoredCheckpoint;
    try {
      stored = JSON.parse(await readFile(file, 'utf8')) as StoredCheckpoint;
    } catch (cause) {
      throw new DamagedCheckpointError(file, 'no JSON', { cause });
    }
    if (stored?.format !== 'ntk-lens-training' || typeof stored.identity !== 'object')
      throw new DamagedCheckpointError(file, 'another format');
    const found: unknown = stored.version;
    if (found !== checkpointVersion) {
      if (typeof found === 'number') throw new OldCheckpointError(this.path, found);
      throw new DamagedCheckpointError(file, 'no version');
    }
    const fields = new Set([...Object.keys(stored.identity), ...Object.keys(this.#identity)]);
    const differences = [...fields]
      .map((field) => ({ field, found: stored.identity[field], expected: this.#identity[field] }))
      .filter(({ found, expected }) => JSON.stringify(found) !== JSON.stringify(expected));
    if (differences.length > 0) throw new OtherTrainingError(this.path, differences);
    this.#files = stored.files;
    const { step, history, best, withoutGain, finished } = stored;
    return { step, history, withoutGain, finished, best };
  }

  /** Path of the newest state, if there is one. */
  get stateFile(): string | undefined {
    return this.#files?.state && join(this.path, this.#files.state);
  }

  /** Path of the best values, if there are any. */
  get bestFile(): string | undefined {
    return this.#files?.best && join(this.path, this.#files.best);
  }

  /**
   * Writes values that are the best so far. They count only once {@link save} has named them.
   *
   * @returns the file's name
   */
  async writeBest(step: number, values: TensorsByName): Promise<string> {
    const name = `best-${String(step).padStart(6, '0')}.safetensors`;
    await writeSafetensors(join(this.path, name), values);
    return name;
  }

  /**
   * Makes a state the newest; files that it replaces are removed after.
   *
   * @param tensors weights and optimizer state; absent where training is finished and the best values are enough
   */
  async save(
    record: TrainingRecord,
    tensors: TensorsByName | undefined,
    best: string | undefined,
  ): Promise<void> {
    const state = `state-${String(record.step).padStart(6, '0')}.safetensors`;
    if (tensors) await writeSafetensors(join(this.path, state), tensors);
    const files = { state: tensors && state, best: best ?? this.#files?.best };
    const stored: StoredCheckpoint = {
      format: 'ntk-lens-training',
      version: checkpointVersion,
      identity: this.#identity,
      ...record,
      files,
    };
    await writeAtomically(join(this.path, CHECKPOINT), `${JSON.stringify(stored, undefined, 1)}\n`);
    this.#files = files;
    const keep = new Set<string | undefined>([files.state, files.best]);
    for (const name of await readdir(this.path)) {
      if (isUnfinished(name) || (/^(state|best)-\d+\.safetensors$/.test(name) && !keep.has(name)))
        await rm(join(this.path, name), { force: true });
    }
  }
}

/**
 * Reads tensors that a checkpoint must hold.
 *
 * @throws DamagedCheckpointError if the file is not whole, or a tensor is missing, of another shape, or not finite
 */
export const readTensors = async (
  file: string,
  wanted: readonly { readonly name: string; readonly variable: Variable }[],
  take: (name: string, variable: Variable, array: NDArray<'float32'>) => Promise<void>,
): Promise<void> => {
  try {
    const source = await openSafetensors(file);
    try {
      for (const { name, variable } of wanted) {
        if (!source.has(name)) throw new DamagedCheckpointError(file, `no tensor "${name}"`);
        const array = await source.read(name);
        if (!sameShape(array.shape, variable.shape))
          throw new DamagedCheckpointError(
            file,
            `"${name}" of shape [${array.shape}], not [${variable.shape}]`,
          );
        await take(name, variable, array);
      }
    } finally {
      await source.close();
    }
  } catch (cause) {
    if (isNtkLensError(cause) && cause.code === DamagedCheckpointError.code) throw cause;
    throw new DamagedCheckpointError(file, (cause as Error).message.replace(/\.$/, ''), { cause });
  }
};

/** Name of the first tensor that is not finite, if any. */
export const nonFiniteTensor = (tensors: TensorsByName): string | undefined => {
  for (const [name, { data }] of tensors) if (firstNonFinite(data) >= 0) return name;
  return undefined;
};
