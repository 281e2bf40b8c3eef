import { mkdtemp, readdir, rm, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lockedDirectory, lockName, removeUnfinished } from '@ntk-lens/core';
import { readTrajectory } from '@ntk-lens/tensor-programs';
import type { Disk } from '../../session/disk.js';
import { RunDirectory } from '../store/run-directory.js';
import { storedMeasurement } from './stored-measurement.js';
import { writeTuned } from './write-tuned.js';

/** Trainings and measurements in directories (docs/formats.md). */
export const nodeDisk: Disk = {
  openRun: async (directory, identity, replace) =>
    void (await RunDirectory.open(directory, { kernel: identity }, replace)),
  measured: storedMeasurement,
  readTrajectory,
  writeTuned,
  locked: lockedDirectory,
  removeUnfinished,
  remove: async (directory) => {
    // A lock stays: the work that removes goes on in the directory.
    for (const name of await readdir(directory))
      if (name !== lockName) await rm(join(directory, name), { recursive: true, force: true });
    await rmdir(directory).catch(() => {});
  },
  temporary: () => mkdtemp(join(tmpdir(), 'ntk-lens-check-')),
};
