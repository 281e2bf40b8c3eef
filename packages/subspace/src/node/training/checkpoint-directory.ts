import { existsSync } from 'node:fs';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  openSafetensors,
  type SafetensorsFile,
  writeAtomically,
  writeSafetensors,
} from '@ntk-lens/checkpoints';
import { isUnfinished, makeDirectory, type NDArray, NtkLensError } from '@ntk-lens/core';
import { DamagedCheckpointError, OtherTrainingError } from '../../training/errors.js';
import type { TensorsByName, TrainingRecord, TrainingStore } from '../../training/run/training-record.js';

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
      `The checkpoint in ${directory} is of another version: found version ${found}, expected ${checkpointVersion}. Remove the folder, or say \`force: true\` where there is such an option, to train from the start.`,
    );
  }
}

/** A {@link TrainingStore} in a directory. */
export class CheckpointDirectory implements TrainingStore {
  readonly path: string;
  record: TrainingRecord | undefined;
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
  static async open(path: string, identity: Readonly<Record<string, unknown>>): Promise<CheckpointDirectory> {
    const directory = new CheckpointDirectory(path, identity);
    await makeDirectory(path);
    directory.record = await directory.#read();
    return directory;
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

  get stateFile(): string | undefined {
    return this.#files?.state && join(this.path, this.#files.state);
  }

  get bestFile(): string | undefined {
    return this.#files?.best && join(this.path, this.#files.best);
  }

  open(file: string): Promise<SafetensorsFile> {
    return openSafetensors(file);
  }

  async writeBest(step: number, values: TensorsByName): Promise<string> {
    const name = `best-${String(step).padStart(6, '0')}.safetensors`;
    await writeSafetensors(join(this.path, name), values);
    return name;
  }

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

  async writePoint(step: number, tensors: ReadonlyMap<string, NDArray>): Promise<void> {
    const name = `step-${String(step).padStart(6, '0')}.safetensors`;
    await writeSafetensors(join(this.path, 'trajectory', name), tensors);
  }
}
