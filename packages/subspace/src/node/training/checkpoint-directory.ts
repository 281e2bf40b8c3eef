import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openSafetensors, type SafetensorsFile, writeSafetensors } from '@ntk-lens/checkpoints';
import { makeDirectory, type NDArray, removeUnfinished, writeSealedJson } from '@ntk-lens/core';
import { OtherTrainingError } from '../../training/errors.js';
import type { TensorsByName, TrainingRecord, TrainingStore } from '../../training/run/training-record.js';
import {
  checkpointFile,
  checkpointVersion,
  readStoredTraining,
  type StoredFile,
  type StoredTraining,
  verifyStoredFile,
} from './stored-training.js';

/** A {@link TrainingStore} in a directory. */
export class CheckpointDirectory implements TrainingStore {
  readonly path: string;
  record: TrainingRecord | undefined;
  readonly #identity: Readonly<Record<string, unknown>>;
  #files: StoredTraining['files'] = { trajectory: [] };
  /** The best values that were written and that no record names yet. */
  #written: StoredFile | undefined;

  private constructor(path: string, identity: Readonly<Record<string, unknown>>) {
    this.path = path;
    this.#identity = JSON.parse(JSON.stringify(identity)) as Record<string, unknown>;
  }

  /**
   * Opens or makes the directory, reads the record in it, and verifies every file that the record names.
   *
   * @param identity everything that the result depends on
   * @throws OtherTrainingError if it holds a training with another identity; OldCheckpointError for one of another version;
   *   DamagedCheckpointError
   */
  static async open(path: string, identity: Readonly<Record<string, unknown>>): Promise<CheckpointDirectory> {
    const directory = new CheckpointDirectory(path, identity);
    await makeDirectory(path);
    await removeUnfinished(path, join(path, 'trajectory'));
    directory.record = await directory.#read();
    return directory;
  }

  async #read(): Promise<TrainingRecord | undefined> {
    const stored = await readStoredTraining(this.path);
    if (stored === undefined) return undefined;
    const { identity, files, step, history, best, withoutGain, finished } = stored;
    const fields = new Set([...Object.keys(identity), ...Object.keys(this.#identity)]);
    const differences = [...fields]
      .map((field) => ({ field, found: identity[field], expected: this.#identity[field] }))
      .filter(({ found, expected }) => JSON.stringify(found) !== JSON.stringify(expected));
    if (differences.length > 0) throw new OtherTrainingError(this.path, differences);
    for (const file of [files.state, files.best, ...files.trajectory])
      if (file) await verifyStoredFile(this.path, file);
    this.#files = files;
    await this.#removeOthers();
    return { step, history, withoutGain, finished, best };
  }

  get stateFile(): string | undefined {
    return this.#files.state && join(this.path, this.#files.state.name);
  }

  get bestFile(): string | undefined {
    return this.#files.best && join(this.path, this.#files.best.name);
  }

  open(file: string): Promise<SafetensorsFile> {
    return openSafetensors(file);
  }

  async writeBest(step: number, values: TensorsByName): Promise<void> {
    this.#written = await this.#write(`best-${padded(step)}.safetensors`, values);
  }

  async save(record: TrainingRecord, tensors: TensorsByName | undefined): Promise<void> {
    const state = tensors && (await this.#write(`state-${padded(record.step)}.safetensors`, tensors));
    const files = { ...this.#files, state, best: this.#written ?? this.#files.best };
    const stored: StoredTraining = {
      format: 'ntk-lens-training',
      version: checkpointVersion,
      identity: this.#identity,
      ...record,
      files,
    };
    await writeSealedJson(checkpointFile(this.path), { ...stored }, 1);
    this.#files = files;
    this.#written = undefined;
    await this.#removeOthers();
  }

  /** Removes what the record does not name, also where a kill came between a record and this. */
  async #removeOthers(): Promise<void> {
    const keep = new Set([this.#files.state?.name, this.#files.best?.name]);
    for (const name of await readdir(this.path)) {
      if (/^(state|best)-\d+\.safetensors$/.test(name) && !keep.has(name))
        await rm(join(this.path, name), { force: true });
    }
  }

  async writePoint(step: number, tensors: ReadonlyMap<string, NDArray>): Promise<void> {
    const point = await this.#write(`trajectory/step-${padded(step)}.safetensors`, tensors);
    const others = this.#files.trajectory.filter(({ name }) => name !== point.name);
    this.#files = { ...this.#files, trajectory: [...others, point] };
  }

  async #write(name: string, tensors: ReadonlyMap<string, NDArray>): Promise<StoredFile> {
    return { name, sha256: await writeSafetensors(join(this.path, name), tensors) };
  }
}

const padded = (step: number): string => String(step).padStart(6, '0');
