import { checkTable } from '../present/check-table.js';
import { kernelTable } from '../present/kernel-table.js';
import { leaveCheckReport, leaveRunReport } from '../present/report/leave-report.js';
import { experimentTable } from '../present/results-table.js';
import { spacesTable } from '../present/spaces-table.js';
import { writeCheck } from '../present/write-check.js';
import { writeOutcome } from '../present/write-outcome.js';
import { DivergedTrainingsError } from '../reproduce/errors.js';
import type { Reproduction } from '../reproduce/reproduce.js';
import { timeText } from '../reproduce/time-text.js';
import type { CheckedExperiment } from '../run/check/check-experiment.js';
import type { Experiment } from '../run/experiment.js';
import type { Assembled } from '../units/unit-work.js';
import type { Outcome } from './command.js';

interface ShowOptions {
  readonly verify?: boolean;
}

/** Writes the tables, figures and report of a run or its kernels, and shows them. */
export const showExperiment = async (
  command: 'kernel' | 'run',
  experiment: Experiment,
  { verify }: ShowOptions = {},
): Promise<Outcome> => {
  await writeOutcome(experiment, { verify });
  const table = command === 'run' ? experimentTable : kernelTable;
  return {
    result: experiment,
    shown: [table(experiment), spacesTable(experiment)],
    directory: experiment.directory,
    reports: [await leaveRunReport(experiment, { verify })],
  };
};

/** Writes the table, figures and report of a check, and shows them. */
export const showCheck = async (
  experiment: CheckedExperiment,
  { verify }: ShowOptions = {},
): Promise<Outcome> => {
  await writeCheck(experiment);
  return {
    result: experiment,
    shown: [checkTable(experiment)],
    directory: experiment.directory,
    reports: [await leaveCheckReport(experiment, { verify })],
  };
};

/** Shows the tables of a reproduction. */
export const showReproduction = (done: Reproduction): Outcome => ({
  result: done,
  shown: Object.values(done.parts).flatMap(({ tables }) => Object.values(tables)),
  directory: done.directory,
  reports: [done.report],
  notes: [...leftOut(done.missing), ...done.diverged, timeText(done)],
  failure: done.diverged.length > 0 ? new DivergedTrainingsError(done.diverged.length) : undefined,
});

/** Tasks whose data are not there, a line each. */
export const leftOut = (missing: Readonly<Record<string, string>>): string[] =>
  Object.entries(missing).map(([name, why]) => `left out ${name}: ${why}`);

/** Shows what was put together, as the command does that planned it. */
export const showAssembled = async (done: Assembled): Promise<Outcome> => {
  if (done.command === 'check') return showCheck(done.result);
  if (done.command === 'reproduce') return showReproduction(done.result);
  return showExperiment(done.command, done.result);
};
