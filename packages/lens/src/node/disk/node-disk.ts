import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
  remove: (directory) => rm(directory, { recursive: true, force: true }),
  temporary: () => mkdtemp(join(tmpdir(), 'ntk-lens-check-')),
};
