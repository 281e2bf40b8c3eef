import { createHash } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Append,
  fileHash,
  isError,
  lockName,
  type NpyRows,
  openNpyRows,
  readIfThere,
  removeUnfinished,
  writeWhole,
} from '@ntk-lens/core';
import { blocksName } from '../../kernel/block-files.js';
import type { PlanInputs } from '../../session/platform.js';
import { type Difference, differences } from './differences.js';
import { DamagedRunError, NotRunDirectoryError, OtherRunError } from './errors.js';
import { refuseOldLabelOrder, refuseToGoOnInOldLabelOrder } from './label-order.js';
import { type Manifest, manifestName, readManifest, runVersion, writeManifest } from './manifest.js';
import { refuseOldVersion } from './old-version.js';

/** Identity of a run; two runs with equal identities may share a directory. */
export interface RunIdentity {
  /** The settings that the kernels depend on. */
  readonly kernel: Readonly<Record<string, unknown>>;
  /** The further settings that the results depend on; absent when nothing is solved. */
  readonly solve?: Readonly<Record<string, unknown>>;
  /** Where options came from; recorded, and not compared. */
  readonly sources?: Readonly<Record<string, unknown>>;
  /** The way to columns, template and label words; recorded, and not compared. */
  readonly suggestion?: Readonly<Record<string, unknown>>;
}

/** Content of a file: its bytes, or a function that appends them piece by piece. */
export type StoredContent = Uint8Array | ((append: Append) => Promise<void>);

/** Folder of a run in progress: parts of its kernels. */
export const tilesName = 'tiles';

/**
 * The directory of one run. `manifest.json` says what the run is and which files are finished: a file that it
 * does not list, or whose bytes differ, is not taken for a result.
 */
export class RunDirectory {
  #manifest: Manifest;
  private constructor(
    readonly path: string,
    manifest: Manifest,
  ) {
    this.#manifest = manifest;
  }

  /**
   * Opens a directory for a run, made if need be. Finished kernels of the same run stay.
   *
   * @param force replace another run or one of an earlier version, and write among files that no run wrote
   * @throws OtherRunError with the differing fields, RunVersionError, LabelOrderError, NotRunDirectoryError
   */
  static async open(path: string, identity: RunIdentity, force: boolean): Promise<RunDirectory> {
    const found = await RunDirectory.check(path, identity, force);
    const same = found?.version === runVersion && differences(found.kernel, identity.kernel).length === 0;
    const known = same ? found : undefined;
    if (found !== undefined && !same) await removeFiles(path, found);
    const directory = new RunDirectory(path, {
      format: 'ntk-lens-run',
      version: runVersion,
      kernel: { ...known?.kernel, ...identity.kernel },
      plan: known?.plan,
      solve: identity.solve ?? known?.solve,
      sources: identity.sources ?? known?.sources,
      suggestion: identity.suggestion ?? known?.suggestion,
      environment: known?.environment,
      results: known?.results,
      files: known?.files ?? {},
    });
    await removeUnfinished(path, join(path, blocksName));
    await directory.#save();
    return directory;
  }

  /**
   * Refuses a directory that cannot take this run; changes nothing. Fields that the identity leaves out are not
   * compared, so that it can be asked before everything is known.
   *
   * @returns the manifest there, if any
   * @throws OtherRunError with the differing fields, RunVersionError, LabelOrderError, NotRunDirectoryError
   */
  static async check(path: string, identity: RunIdentity, force: boolean): Promise<Manifest | undefined> {
    const found = await readManifest(path).catch((error: unknown) => {
      // A manifest that says nothing is replaced by force.
      if (force && (isError(error, DamagedRunError) || isError(error, NotRunDirectoryError)))
        return undefined;
      throw error;
    });
    if (found === undefined) {
      const entries = await list(path);
      if (entries.length > 0 && !force) throw new NotRunDirectoryError(path, describe(entries));
      return undefined;
    }
    if (force) return found;
    refuseToGoOnInOldLabelOrder(path, found);
    refuseOldVersion(path, found);
    const solve = identity.solve && found.solve ? differences(found.solve, identity.solve) : [];
    const all: Difference[] = [...differences(found.kernel, identity.kernel), ...solve];
    if (all.length > 0) throw new OtherRunError(path, all);
    return found;
  }

  /**
   * Opens what an earlier run left, of any version, to read it; undefined where there is no manifest.
   *
   * @throws LabelOrderError, RunVersionError for a later version, NotRunDirectoryError
   */
  static async read(path: string): Promise<RunDirectory | undefined> {
    const manifest = await readManifest(path);
    if (manifest === undefined) return undefined;
    refuseOldLabelOrder(path, manifest);
    return new RunDirectory(path, manifest);
  }

  get manifest(): Readonly<Manifest> {
    return this.#manifest;
  }

  /** True when the file is listed as finished. */
  has(name: string): boolean {
    return Object.hasOwn(this.#manifest.files, name);
  }

  /** Bytes of a finished file; throws DamagedRunError if they are not the bytes that were written. */
  async read(name: string): Promise<Uint8Array> {
    const listed = this.#manifest.files[name];
    if (listed === undefined)
      throw new DamagedRunError(this.path, name, 'not listed as finished', 'finished');
    const bytes = await readIfThere(join(this.path, name));
    if (bytes === undefined) throw new DamagedRunError(this.path, name, 'not there', `${listed.bytes} bytes`);
    if (bytes.length !== listed.bytes || sha256(bytes) !== listed.sha256) {
      throw new DamagedRunError(this.path, name, 'not what the run wrote', `SHA-256 ${listed.sha256}`);
    }
    return bytes;
  }

  /**
   * The rows of a finished `.npy` file, whose bytes are hashed and not kept.
   *
   * @throws DamagedRunError if they are not the bytes that were written; NpyFormatError
   */
  async rows(name: string): Promise<NpyRows> {
    return openNpyRows(await this.verify(name));
  }

  /**
   * Hashes a finished file, without keeping its bytes.
   *
   * @returns its path
   * @throws DamagedRunError if they are not the bytes that were written
   */
  async verify(name: string): Promise<string> {
    const listed = this.#manifest.files[name];
    const file = join(this.path, name);
    if (listed === undefined)
      throw new DamagedRunError(this.path, name, 'not listed as finished', 'finished');
    const found = await stat(file).catch(() => undefined);
    if (!found) throw new DamagedRunError(this.path, name, 'not there', `${listed.bytes} bytes`);
    if (found.size !== listed.bytes || (await fileHash(file, { verify: true })) !== listed.sha256)
      throw new DamagedRunError(this.path, name, 'not what the run wrote', `SHA-256 ${listed.sha256}`);
    return file;
  }

  /** Writes files, then lists them: either all count as finished, or none. */
  async finish(
    files: Readonly<Record<string, StoredContent>>,
    environment?: Readonly<Record<string, unknown>>,
  ): Promise<void> {
    const listed: Manifest['files'] = {};
    for (const [name, content] of Object.entries(files)) {
      const hash = createHash('sha256');
      let length = 0;
      await writeWhole(join(this.path, name), async (append) => {
        const appendHashed: Append = async (bytes) => {
          // A hash takes less than 2 GiB at once.
          for (let at = 0; at < bytes.length; at += PIECE) hash.update(bytes.subarray(at, at + PIECE));
          length += bytes.length;
          await append(bytes);
        };
        await (typeof content === 'function' ? content(appendHashed) : appendHashed(content));
      });
      listed[name] = { bytes: length, sha256: hash.digest('hex') };
    }
    this.#manifest = {
      ...this.#manifest,
      ...(environment && { environment: { ...environment }, results: undefined }),
      files: { ...this.#manifest.files, ...listed },
    };
    await this.#save();
  }

  /** Keeps what the plan of the work is made with: it goes on with it, wherever it is resumed. */
  async begin(plan: PlanInputs): Promise<void> {
    this.#manifest = { ...this.#manifest, plan };
    await this.#save();
  }

  /** Takes no file of the directory for finished any more. */
  async forget(): Promise<void> {
    this.#manifest = {
      ...this.#manifest,
      plan: undefined,
      environment: undefined,
      results: undefined,
      files: {},
    };
    await this.#save();
  }

  /** Keeps findings, which are shown again without any other file. */
  async record(results: Readonly<Record<string, unknown>>): Promise<void> {
    this.#manifest = { ...this.#manifest, results };
    await this.#save();
  }

  /** Writes a file that is made anew by every run and not listed. */
  write(name: string, content: string | Uint8Array): Promise<void> {
    return writeWhole(join(this.path, name), content);
  }

  #save(): Promise<void> {
    return writeManifest(this.path, this.#manifest);
  }
}

const PIECE = 2 ** 30;

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const list = async (path: string): Promise<string[]> => {
  try {
    return (await readdir(path)).filter((name) => !name.startsWith(lockName)).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') throw new NotRunDirectoryError(path, 'a file');
    throw error;
  }
};

const describe = (entries: readonly string[]): string =>
  `${entries.slice(0, 5).join(', ')}${entries.length > 5 ? ` and ${entries.length - 5} more` : ''}`;

/** Results and figures of a run that is being replaced; the manifest goes first, so that nothing is half a run. */
const removeFiles = async (path: string, manifest: Manifest): Promise<void> => {
  const tables = ['table', 'spaces'].flatMap((name) => [`${name}.md`, `${name}.csv`, `${name}.tex`]);
  const figures = ['kernel.svg', 'accuracy.svg', 'spaces.svg'];
  const made = ['config.json', 'metrics.json', 'solve.json', 'report.html', ...tables, ...figures];
  for (const name of [manifestName, ...Object.keys(manifest.files), ...made]) {
    // A manifest is a file like any other: it must not name files outside its directory.
    if (/^(blocks\/)?[\w-][\w.-]*$/.test(name)) await rm(join(path, name), { force: true });
  }
  await rm(join(path, tilesName), { recursive: true, force: true });
};
