import { createHash } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { throwIfCancelled } from '@ntk-lens/core';
import type { WorkableUnits } from '../index.js';

export interface MadeOptions {
  /** Time that a unit takes. Default: 0. */
  readonly milliseconds?: number;
  /** A unit that fails. */
  readonly poisoned?: number;
  /** A unit comes to no safe point before its end. Default: false. */
  readonly deaf?: boolean;
}

/** Units that write a file each. */
export interface MadeUnits extends WorkableUnits {
  readonly started: number[];
  readonly computed: number[];
  /** Tries of the poisoned unit. */
  readonly tries: number;
  lose(unit: number): Promise<void>;
  damage(unit: number): Promise<void>;
}

const contentOf = (unit: number): string => `result of unit ${unit}\n`;

/** Units of a directory, which have one manifest wherever they are made. */
export const madeUnits = (
  directory: string,
  count: number,
  { milliseconds = 0, poisoned, deaf = false }: MadeOptions = {},
): MadeUnits => {
  const fileOf = (unit: number): string => join(directory, `${unit}.txt`);
  const started: number[] = [];
  const computed: number[] = [];
  let tries = 0;
  return {
    manifest: createHash('sha256').update(directory).digest('hex'),
    place: 'here',
    model: '12'.repeat(32),
    program: 'ntk-lens 1.2.3',
    names: Array.from({ length: count }, (_, unit) => `unit ${unit}`),
    started,
    computed,
    get tries() {
      return tries;
    },
    isDone: async (unit, whole) => {
      const found = await readFile(fileOf(unit), 'utf8').catch(() => undefined);
      return whole ? found === contentOf(unit) : found !== undefined;
    },
    failures: async () => new Map(),
    isOfTheWorker: () => false,
    compute: async (unit, { signal, onProgress }) => {
      started.push(unit);
      if (unit === poisoned) {
        tries++;
        throw new Error(`the unit ${unit} is poisoned`);
      }
      for (let waited = 0; waited < milliseconds; waited += 10) {
        if (!deaf) throwIfCancelled(signal, 'The unit');
        onProgress?.({ phase: 'waiting', done: waited, total: milliseconds });
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      throwIfCancelled(signal, 'The unit');
      await writeFile(fileOf(unit), contentOf(unit));
      computed.push(unit);
      return 'computed';
    },
    lose: (unit) => rm(fileOf(unit)),
    damage: (unit) => writeFile(fileOf(unit), 'nothing'),
  };
};
