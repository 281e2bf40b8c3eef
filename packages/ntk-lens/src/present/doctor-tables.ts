import type { RuntimeDiagnosis } from '@ntk-lens/engine';
import type { CheckResult } from '@ntk-lens/kernels';
import type { Row, Table } from '@ntk-lens/report';
import type { Project } from '../options/layers.js';
import { projectFileName } from '../options/project-file-name.js';
import type { CheckedModel } from '../run/check-model.js';
import type { MeasuredMachine } from '../run/measure-machine.js';

const rate = (value: number | undefined): string | null => (value === undefined ? null : value.toFixed(0));

/** Runtimes of this machine; below the table, why the others do not work and how to get them, and the project file. */
export const runtimesTable = ({ auto, runtimes }: RuntimeDiagnosis, project?: Project): Table => ({
  title: 'runtimes on this machine',
  columns: [
    { header: 'runtime' },
    { header: 'usable', align: 'left' },
    { header: 'GEMM (GFLOP/s)', align: 'right' },
    { header: 'signs (Gop/s)', align: 'right' },
    { header: 'threads', align: 'right' },
    { header: 'version', align: 'left' },
  ],
  rows: runtimes.map(
    (each): Row =>
      each.usable
        ? {
            cells: [
              each.runtime,
              'yes',
              rate(each.gemmGflops),
              rate(each.ternaryGramGops),
              String(each.threads),
              each.version,
            ],
            strong: each.runtime === auto.runtime,
          }
        : { cells: [each.runtime, 'no', null, null, null, null] },
  ),
  notes: [
    `--runtime auto chooses ${auto.runtime}: ${auto.reason}`,
    ...runtimes.flatMap((each) => (each.usable ? [] : [`${each.runtime}: ${each.why} ${each.remedy}`])),
    project
      ? `project file: ${project.file} sets ${Object.keys(project.options).join(', ') || 'nothing'}`
      : `project file: none; a file ${projectFileName} in this folder or above it would set options`,
  ],
});

/** The rates of a machine; below the table, the machine, and where they are kept. */
export const profileTable = ({ machine, rates, file }: MeasuredMachine): Table => ({
  title: `rates of ${machine.runtime} on this machine`,
  columns: [{ header: 'work' }, { header: 'rate', align: 'right' }],
  rows: [
    { cells: ['products of large matrices', `${(rates.products / 1e9).toFixed(0)} GFLOP/s`] },
    { cells: ['products over the tokens of an example', `${(rates.thinProducts / 1e9).toFixed(0)} GFLOP/s`] },
    { cells: ['products of signs, in integers', `${(rates.integerProducts / 1e9).toFixed(0)} Gop/s`] },
    { cells: ['elementwise passes', `${(rates.passes / 1e9).toFixed(1)} GB/s`] },
    { cells: ['memory at its first use', `${(rates.newPages / 1e9).toFixed(1)} GB/s`] },
    { cells: ['overhead of a run of a program', `${(1e6 * rates.secondsPerRun).toFixed(0)} µs`] },
    { cells: ['compilation of a program', `${(1e3 * rates.secondsPerProgram).toFixed(0)} ms`] },
  ],
  notes: [
    `${machine.processor}, ${machine.instructions}, ${machine.threads} thread${machine.threads === 1 ? '' : 's'}, ${machine.version}`,
    `written to ${file}`,
  ],
});

const small = (value: number | undefined): string | null =>
  value === undefined ? null : value === 0 ? '0' : value.toExponential(1);

/** The checks of a model; below the table, what failed or was skipped, and what the statistics are. */
export const selfCheckTable = ({ model, runtime, otherRuntime, verdict, checks }: CheckedModel): Table => {
  const notable = (check: CheckResult): boolean => check.verdict !== 'pass';
  const other = otherRuntime ? ` and ${otherRuntime.runtime}, ${otherRuntime.version}` : '';
  return {
    title: `self-check of ${model}: ${verdict}`,
    columns: [
      { header: 'check' },
      { header: 'compares', align: 'left' },
      { header: 'statistic', align: 'right' },
      { header: 'threshold', align: 'right' },
      { header: 'verdict', align: 'left' },
    ],
    rows: checks.map((check) => ({
      cells: [check.name, check.compares, small(check.statistic), small(check.threshold), check.verdict],
      strong: check.verdict === 'fail',
    })),
    notes: [
      `${runtime.runtime}, ${runtime.version}${other}`,
      ...checks.filter(notable).map((check) => `${check.name}: ${check.verdict} (${check.detail})`),
    ],
  };
};
