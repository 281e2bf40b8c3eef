import { createHash } from 'node:crypto';
import { z } from 'zod';
import { NoStoredPlanError, OtherStoredPlanError, StoreError } from '../store-errors.js';
import { type ObjectStore, openObjects, type StoredFile, type StorePlace } from './object-store.js';

export type { StorePlace } from './object-store.js';

const hash = z.string().regex(/^[\da-f]{64}$/);

/** A path that leads nowhere outside of the directory from which it is meant. */
const isInside = (name: string): boolean =>
  /^[^/\\:\0][^\\:\0]*$/.test(name) && name.split('/').every((part) => !['', '.', '..'].includes(part));

const files = z.array(
  z.strictObject({
    name: z.string().refine(isInside, 'Expected a path inside of a directory.'),
    bytes: z.int().nonnegative(),
    sha256: hash,
  }),
);
const planSchema = z.strictObject({
  ...{ format: z.literal('ntk-lens-stored-plan'), version: z.literal(1) },
  ...{ manifest: hash, files },
});
const unitSchema = z.strictObject({
  ...{ format: z.literal('ntk-lens-stored-unit'), version: z.literal(1) },
  ...{ manifest: hash, unit: z.int().nonnegative(), files },
});

/** Planned work and results of its units in an S3-compatible store; no object is seen before it is whole. */
export interface UnitStore {
  /** Name of the place in queues. */
  readonly place: string;
  /**
   * Uploads what was planned: a place has one plan.
   *
   * @param names files of the directory
   * @throws OtherStoredPlanError
   */
  publish(directory: string, manifest: string, names: readonly string[]): Promise<void>;
  /**
   * Downloads what was planned into a directory, and verifies hashes.
   *
   * @throws NoStoredPlanError; StoreError for content that is lost or damaged
   */
  fetchPlan(directory: string): Promise<{ readonly manifest: string }>;
  /**
   * True where a unit was uploaded.
   *
   * @param whole look also for its files
   */
  isDone(manifest: string, unit: number, whole: boolean): Promise<boolean>;
  /** Uploads the files of a unit, and says that it is finished when all of them are there. */
  finish(directory: string, manifest: string, unit: number, names: readonly string[]): Promise<void>;
  /** Downloads the files of a unit and verifies their hashes; false where it is not finished. One that is damaged is finished no more. */
  fetchUnit(directory: string, manifest: string, unit: number): Promise<boolean>;
}

/**
 * Opens a place of a store. Credentials come from where the AWS SDK finds them.
 *
 * @throws StoreAddressError, MissingSdkError
 */
export const openUnitStore = async (place: StorePlace): Promise<UnitStore> => {
  const objects = await openObjects(place);
  const keyOf = (unit: number): string => `units/${unit}.json`;
  const recordOf = async (manifest: string, unit: number) => {
    const record = await readRecord(objects, keyOf(unit), unitSchema);
    return record?.manifest === manifest && record.unit === unit ? record : undefined;
  };
  return {
    place: createHash('sha256').update(objects.shown).digest('hex').slice(0, 32),
    publish: async (directory, manifest, names) => {
      const known = await readRecord(objects, 'plan.json', planSchema);
      if (known && known.manifest !== manifest)
        throw new OtherStoredPlanError(objects.shown, known.manifest, manifest);
      const uploaded = await uploadAll(objects, directory, names);
      const plan = { format: 'ntk-lens-stored-plan', version: 1, manifest, files: uploaded };
      await objects.putText('plan.json', JSON.stringify(plan));
    },
    fetchPlan: async (directory) => {
      const plan = await readRecord(objects, 'plan.json', planSchema);
      if (!plan) throw new NoStoredPlanError(objects.shown);
      for (const file of plan.files)
        if (!(await objects.download(directory, file)))
          throw new StoreError(`${file.name} in ${objects.shown}`, 'lost, or not the content of its hash');
      return { manifest: plan.manifest };
    },
    isDone: async (manifest, unit, whole) => {
      const record = await recordOf(manifest, unit);
      if (!record || !whole) return record !== undefined;
      for (const file of record.files) if (!(await objects.has(file))) return false;
      return true;
    },
    finish: async (directory, manifest, unit, names) => {
      const uploaded = await uploadAll(objects, directory, names);
      const record = { format: 'ntk-lens-stored-unit', version: 1, manifest, unit, files: uploaded };
      await objects.putText(keyOf(unit), JSON.stringify(record));
    },
    fetchUnit: async (directory, manifest, unit) => {
      const record = await recordOf(manifest, unit);
      if (!record) return false;
      for (const file of record.files) {
        if (await objects.download(directory, file)) continue;
        await objects.remove(`sha256/${file.sha256}`);
        await objects.remove(keyOf(unit));
        return false;
      }
      return true;
    },
  };
};

const uploadAll = async (
  objects: ObjectStore,
  directory: string,
  names: readonly string[],
): Promise<readonly StoredFile[]> => {
  const uploaded: StoredFile[] = [];
  for (const name of names) uploaded.push(await objects.upload(directory, name));
  return uploaded;
};

/** A record of the store; one that is not what this program writes counts as absent. */
const readRecord = async <T>(
  objects: ObjectStore,
  key: string,
  schema: z.ZodType<T>,
): Promise<T | undefined> => {
  const text = await objects.getText(key);
  if (text === undefined) return undefined;
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
};
