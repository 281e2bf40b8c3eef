import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  areRunning,
  makeDirectory,
  type NamedProcess,
  readSealedJson,
  thisProcess,
  writeSealedJson,
} from '@ntk-lens/core';
import type { WorkableUnits } from '@ntk-lens/queue';
import type { UnitStore } from '@ntk-lens/queue/s3';
import { MissingUnitsError } from '../errors.js';
import { readUnits } from '../manifest.js';
import { MissingPackageError } from './errors.js';
import { isMissing } from './load-queue.js';
import { queuedUnits } from './queued-units.js';
import { changedFiles, resultFiles } from './unit-files.js';

/** A store as options name it. */
export interface StoreOptions {
  /** `s3://bucket/prefix`. */
  readonly store?: string;
  /** Address of the server. Default: AWS_ENDPOINT_URL, or that of Amazon. */
  readonly storeEndpoint?: string;
}

/**
 * The store of results; undefined where they are in the directory itself.
 *
 * @throws MissingPackageError, StoreAddressError, MissingSdkError
 */
export const openStore = async ({ store, storeEndpoint }: StoreOptions): Promise<UnitStore | undefined> => {
  if (store === undefined) return undefined;
  const queue = await import('@ntk-lens/queue/s3').catch((cause) => {
    throw isMissing(cause) ? new MissingPackageError('@ntk-lens/queue', 'A store', { cause }) : cause;
  });
  return queue.openUnitStore({ url: store, endpoint: storeEndpoint });
};

/** Uploads planned work; results of units that the directory already has do not count. */
export const publishUnits = async (directory: string, store: UnitStore): Promise<void> => {
  const { manifest } = await queuedUnits(directory, await readUnits(directory));
  const names = [...(await resultFiles(directory)).keys()].filter((name) => !/(^|\/)tiles\//.test(name));
  await store.publish(directory, manifest, names);
};

/**
 * Uses a folder of this process with the planned work. It is removed at the end, as are those of processes of this machine that
 * were killed.
 */
export const withStoredPlan = async <T>(
  directory: string,
  store: UnitStore,
  use: (folder: string) => Promise<T>,
): Promise<T> => {
  await makeDirectory(directory);
  for (const name of await readdir(directory)) {
    if (!name.startsWith(SCRATCH)) continue;
    const { fields, whole } = (await readSealedJson(join(directory, name, OWNER))) ?? {};
    const owner = fields as unknown as NamedProcess;
    const [runs] = whole ? await areRunning([owner]) : [];
    if (runs === false) await rm(join(directory, name), { recursive: true, force: true });
  }
  const scratch = await mkdtemp(join(directory, SCRATCH));
  try {
    await writeSealedJson(join(scratch, OWNER), { ...thisProcess() });
    const folder = join(scratch, 'work');
    await makeDirectory(folder);
    await store.fetchPlan(folder);
    return await use(folder);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
};

const SCRATCH = 'worker-';
const OWNER = 'process.json';

/** Units whose results go to a store as soon as each is computed. */
export const storedUnits = (
  units: WorkableUnits,
  folder: string,
  store: UnitStore,
): Omit<WorkableUnits, 'isOfTheWorker'> => {
  /** Files that tries which failed left behind, by unit. */
  const touched = new Map<number, Set<string>>();
  return {
    ...units,
    place: store.place,
    isDone: (unit, whole) => store.isDone(units.manifest, unit, whole),
    failures: async () => new Map(),
    compute: async (unit, long) => {
      const own = touched.get(unit) ?? new Set<string>();
      touched.set(unit, own);
      const before = await resultFiles(folder);
      let outcome: 'computed' | 'elsewhere';
      try {
        outcome = await units.compute(unit, long);
      } finally {
        for (const name of changedFiles(before, await resultFiles(folder))) own.add(name);
      }
      if (outcome === 'elsewhere') return outcome;
      const there = await resultFiles(folder);
      await store.finish(
        folder,
        units.manifest,
        unit,
        [...own].filter((name) => there.has(name)),
      );
      return outcome;
    },
  };
};

/**
 * Downloads planned work and the results of all units, and verifies their hashes.
 *
 * @throws MissingUnitsError; what `openStore` and the store throw
 */
export const fetchUnits = async (directory: string, store: UnitStore): Promise<void> => {
  await makeDirectory(directory);
  const { manifest } = await store.fetchPlan(directory);
  const { units } = await readUnits(directory);
  const missing: string[] = [];
  for (const [unit, { name }] of units.entries())
    if (!(await store.fetchUnit(directory, manifest, unit))) missing.push(name);
  if (missing.length > 0) throw new MissingUnitsError(directory, missing, units.length);
};
