import type { Lens } from '@ntk-lens/lens';
import { durationText, type Table } from '@ntk-lens/report';
import { taskOptions, withLens } from '../run/with-lens.js';
import type { Forecaster, ProtocolCell } from './cells/protocol-cell.js';
import type { ReproduceConfig } from './config.js';
import { type PlannedCell, planReproduction, refuseCells } from './plan.js';
import { type ReproduceOptions, reproductionDirectory } from './reproduce.js';
import { checkRoot } from './root-record.js';

/** Cells that differ in their seeds only. */
export interface ExplainedCells {
  readonly task: string;
  readonly shots: number;
  readonly what: string;
  readonly parts: readonly string[];
  readonly toCompute: number;
  readonly known: number;
  /** Forecast of what is to be computed, in seconds; absent where there is none. */
  readonly seconds?: number;
}

/** The plan of a reproduction, of which nothing is computed. */
export interface ExplainedReproduction {
  readonly format: 'ntk-lens-reproduction-plan';
  readonly version: 1;
  readonly directory: string;
  readonly model: string;
  readonly missing: Readonly<Record<string, string>>;
  readonly cells: readonly ExplainedCells[];
  /** Forecast of all of them. */
  readonly seconds: number;
}

/**
 * Plans a reproduction. The plan has what is computed, what several parts share, what is there already, and a forecast of the
 * time from one sample of each task and number of shots. Writes nothing.
 *
 * @example
 * ```ts
 * const config = await resolveReproduce({ task: 'sentiment,topic' }, {}, { parts: ['tables'] });
 * (await explainReproduction(config)).seconds / 3600; // hours
 * ```
 * @throws what `reproduce` throws before it computes
 */
export const explainReproduction = (
  config: ReproduceConfig,
  options: ReproduceOptions = {},
): Promise<ExplainedReproduction> =>
  withLens(
    config.run,
    options,
    async (early) => {
      const directory = reproductionDirectory(early.name, options);
      if (!options.force) await checkRoot(directory, early);
      const plan = await planReproduction(early, config, directory, options);
      await refuseCells(early, plan.cells, directory, options);
      return { directory, plan };
    },
    async (lens, { directory, plan }) => {
      const groups = new Map<string, PlannedCell[]>();
      for (const planned of plan.cells) {
        const { task, shots } = planned.cell.run;
        const key = `${task} ${shots[0]} ${planned.cell.what}`;
        groups.set(key, [...(groups.get(key) ?? []), planned]);
      }
      const covered = coveredByChecks(plan.cells);
      const cells: ExplainedCells[] = [];
      const forecaster = explainedOnce(lens);
      for (const group of groups.values()) cells.push(await explainGroup(lens, forecaster, group, covered));
      const seconds = cells.reduce((sum, one) => sum + (one.seconds ?? 0), 0);
      const { name: model } = lens;
      const { missing } = plan;
      return {
        ...{ format: 'ntk-lens-reproduction-plan', version: 1 },
        ...{ directory, model, missing, cells, seconds },
      };
    },
  );

/** Keys of kernels and trainings that a check in the plan computes: they are read afterwards. */
const coveredByChecks = (cells: readonly PlannedCell[]): ReadonlySet<string> =>
  new Set(cells.flatMap(({ cell, known }) => (known ? [] : (cell.covers ?? []))));

const explainGroup = async (
  lens: Lens,
  forecaster: Forecaster,
  group: readonly PlannedCell[],
  covered: ReadonlySet<string>,
): Promise<ExplainedCells> => {
  const { cell } = group[0]!;
  const { task, shots } = cell.run;
  const left = group.filter(({ known, cell: { key } }) => !known && !covered.has(key));
  const samples = left.reduce((sum, one) => sum + one.cell.run.seeds.length, 0);
  const one = samples > 0 ? await forecastOf(lens, forecaster, cell) : 0;
  const known = group.filter((planned) => planned.known).length;
  return {
    ...{ task, shots: shots[0]!, what: cell.what },
    parts: [...new Set(group.flatMap(({ parts }) => parts))],
    ...{ toCompute: left.length, known },
    seconds: one === undefined ? undefined : one * samples,
  };
};

const forecastOf = async (
  lens: Lens,
  forecaster: Forecaster,
  cell: ProtocolCell,
): Promise<number | undefined> => {
  const { run } = cell;
  const sample = { shots: run.shots[0]!, seed: run.seeds[0]! };
  const task = await lens.task(run.task, { ...taskOptions(run), ...sample });
  return cell.forecast(forecaster, task);
};

/** Explains every kernel once: each time the machine is measured. */
const explainedOnce = (lens: Lens): Forecaster => {
  const known = new Map<string, ReturnType<Lens['explain']>>();
  return {
    explain: (task, choice = {}) => {
      const { formula = 'sgd', space = 'full', binary = false } = choice;
      const key = JSON.stringify([
        ...[task.spec.name, task.shots, task.spec.template, task.prompt !== undefined],
        ...[typeof formula === 'string' ? formula : formula.title, binary],
        typeof space === 'string' ? space : space.spec,
      ]);
      const found = known.get(key) ?? lens.explain(task, choice);
      known.set(key, found);
      return found;
    },
  };
};

/** The plan as a table. */
export const explainedTable = ({ model, cells, seconds, directory }: ExplainedReproduction): Table => ({
  title: `Reproduction with ${model}`,
  columns: [
    { header: 'task', align: 'left' },
    { header: 'shots' },
    { header: 'work', align: 'left' },
    { header: 'for the parts', align: 'left' },
    { header: 'to compute' },
    { header: 'there already' },
    { header: 'forecast', align: 'right' },
  ],
  rows: cells.map((one, i) => ({
    cells: [
      ...[one.task, one.shots, one.what, one.parts.join(', '), one.toCompute, one.known],
      one.seconds === undefined ? null : durationText(one.seconds),
    ],
    rule: i > 0 && cells[i - 1]!.task !== one.task,
  })),
  notes: [
    `about ${durationText(seconds)} in all, forecast from one sample of each task and number of shots; loading weights and the measurements of checks come on top`,
    'kernels and trainings with nothing to compute and nothing there are computed by the check above them, and shared',
    `directory: ${directory}`,
  ],
});
