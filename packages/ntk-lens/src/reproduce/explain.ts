import type { PartName } from '../options/reproduce.js';
import { withLens } from '../run/with-lens.js';
import type { ReproduceConfig } from './config.js';
import { type CellCounter, countingCells } from './count-cells.js';
import { coveredByChecks, type PlannedCell, planReproduction, refuseCells } from './plan.js';
import { type ReproduceOptions, reproductionDirectory } from './reproduce.js';
import { checkRoot } from './root-record.js';

/** Cells that differ in their seeds only. */
export interface ExplainedCells {
  readonly task: string;
  readonly shots: number;
  readonly what: string;
  readonly parts: readonly PartName[];
  readonly toCompute: number;
  /** Those that a check computes along with its own work. */
  readonly byCheck: number;
  /** Those that are finished. */
  readonly known: number;
  /** Forecast of what is to be computed, in seconds; absent where there is none. */
  readonly seconds?: number;
}

/** A part of the protocol, with the work that it would have alone. */
export interface ExplainedPart {
  readonly part: PartName;
  readonly toCompute: number;
  readonly known: number;
  /** Forecast in seconds. Work that other parts need as well counts for each of them. */
  readonly seconds: number;
}

/** The plan of a reproduction, of which nothing is computed. */
export interface ExplainedReproduction {
  readonly format: 'ntk-lens-reproduction-plan';
  readonly version: 1;
  readonly directory: string;
  readonly model: string;
  readonly missing: Readonly<Record<string, string>>;
  readonly parts: readonly ExplainedPart[];
  readonly cells: readonly ExplainedCells[];
  /** Forecast of all of them. */
  readonly seconds: number;
}

/**
 * Plans a reproduction. The plan has what is computed, what several parts share, what is finished, and a forecast of the
 * time from one sample of each task and number of shots. Writes nothing.
 *
 * @example
 * ```ts
 * const config = await resolveReproduce({ task: 'sentiment,topic' }, {}, { parts: ['tables'] });
 * (await explainReproduction(config)).seconds / 3600; // hours
 * ```
 * @throws what `reproduce` throws before it computes, for the first seed and number of shots of each task
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
      const groups = groupsOf(plan.cells);
      // The same work on more shots is refused for the same reasons.
      const firsts = firstOfEach(
        groups.flatMap((group) => group.find(({ known }) => !known) ?? []),
        ({ cell: { run, what } }) => `${run.task} ${what}`,
      );
      await refuseCells(early, firsts, directory, options);
      return { directory, plan, groups };
    },
    async (lens, { directory, plan, groups }) => {
      const covered = coveredByChecks(plan.cells);
      const explained: ExplainedGroup[] = [];
      const workOf = countingCells(lens);
      for (const group of groups) explained.push(await explainGroup(workOf, group, covered));
      const cells = explained.map(({ alone: _, ...one }) => one);
      return {
        ...{ format: 'ntk-lens-reproduction-plan', version: 1, directory, model: lens.name },
        missing: plan.missing,
        parts: config.parts.map((part) => explainPart(part, explained)),
        cells,
        seconds: cells.reduce((sum, one) => sum + (one.seconds ?? 0), 0),
      };
    },
  );

/** The first of those that have the same key. */
const firstOfEach = <T>(all: readonly T[], keyOf: (one: T) => string): readonly T[] => [
  ...new Map([...all].reverse().map((one) => [keyOf(one), one])).values(),
];

/** Cells that differ in their seeds only, in the order in which they are computed. */
const groupsOf = (cells: readonly PlannedCell[]): readonly (readonly PlannedCell[])[] => {
  const groups = new Map<string, PlannedCell[]>();
  for (const planned of cells) {
    const { task, shots } = planned.cell.run;
    const key = `${task} ${shots[0]} ${planned.cell.what}`;
    groups.set(key, [...(groups.get(key) ?? []), planned]);
  }
  return [...groups.values()];
};

/** Cells with what they take where no check computes them. */
interface ExplainedGroup extends ExplainedCells {
  readonly alone: { readonly cells: number; readonly seconds: number };
}

const explainGroup = async (
  workOf: CellCounter,
  group: readonly PlannedCell[],
  covered: ReadonlySet<string>,
): Promise<ExplainedGroup> => {
  const { cell } = group[0]!;
  const { task, shots } = cell.run;
  const unknown = group.filter(({ known }) => !known);
  const left = unknown.filter(({ cell: { key } }) => !covered.has(key));
  const samplesOf = (cells: readonly PlannedCell[]): number =>
    cells.reduce((sum, one) => sum + one.cell.run.seeds.length, 0);
  const one = unknown.length > 0 ? (await workOf(cell))?.seconds : 0;
  return {
    ...{ task, shots: shots[0]!, what: cell.what },
    parts: [...new Set(group.flatMap(({ parts }) => parts))],
    toCompute: left.length,
    byCheck: unknown.length - left.length,
    known: group.length - unknown.length,
    seconds: one === undefined ? undefined : one * samplesOf(left),
    alone: { cells: unknown.length, seconds: (one ?? 0) * samplesOf(unknown) },
  };
};

const explainPart = (part: PartName, cells: readonly ExplainedGroup[]): ExplainedPart => {
  const own = cells.filter(({ parts }) => parts.includes(part));
  const sum = (of: (one: ExplainedGroup) => number) => own.reduce((total, one) => total + of(one), 0);
  return {
    part,
    toCompute: sum(({ alone }) => alone.cells),
    known: sum(({ known }) => known),
    seconds: sum(({ alone }) => alone.seconds),
  };
};
