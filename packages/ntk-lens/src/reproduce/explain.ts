import type { Lens } from '@ntk-lens/lens';
import type { PartName } from '../options/reproduce.js';
import { taskOptions, withLens } from '../run/with-lens.js';
import type { ProtocolCell } from './cells/protocol-cell.js';
import type { ReproduceConfig } from './config.js';
import { type PlannedCell, planReproduction, refuseCells } from './plan.js';
import { rememberingSamples } from './remembering-samples.js';
import { type ReproduceOptions, reproductionDirectory } from './reproduce.js';
import { checkRoot } from './root-record.js';
import { typicalSample } from './typical-sample.js';

/** Cells that differ in their seeds only. */
export interface ExplainedCells {
  readonly task: string;
  readonly shots: number;
  readonly what: string;
  readonly parts: readonly PartName[];
  readonly toCompute: number;
  /** Those that a check computes along with its own work. */
  readonly byCheck: number;
  /** Those that are there already. */
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
 * Plans a reproduction. The plan has what is computed, what several parts share, what is there already, and a forecast of the
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
      const forecasts: Forecasts = new Map();
      const session = explainingOnce(rememberingSamples(lens));
      for (const group of groups) explained.push(await explainGroup(session, group, covered, forecasts));
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

/** Keys of kernels and trainings that a check in the plan computes: they are read afterwards. */
const coveredByChecks = (cells: readonly PlannedCell[]): ReadonlySet<string> =>
  new Set(cells.flatMap(({ cell, known }) => (known ? [] : (cell.covers ?? []))));

/** Cells with what they take where no check computes them. */
interface ExplainedGroup extends ExplainedCells {
  readonly alone: { readonly cells: number; readonly seconds: number };
}

const explainGroup = async (
  lens: Lens,
  group: readonly PlannedCell[],
  covered: ReadonlySet<string>,
  forecasts: Forecasts,
): Promise<ExplainedGroup> => {
  const { cell } = group[0]!;
  const { task, shots } = cell.run;
  const unknown = group.filter(({ known }) => !known);
  const left = unknown.filter(({ cell: { key } }) => !covered.has(key));
  const samplesOf = (cells: readonly PlannedCell[]): number =>
    cells.reduce((sum, one) => sum + one.cell.run.seeds.length, 0);
  const one = unknown.length > 0 ? await forecastOf(lens, cell, forecasts) : 0;
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

/** Forecasts of one sample by task, shots and work. */
type Forecasts = Map<string, number | undefined>;

/**
 * Forecast of one sample. Other prompts and spaces are planned for the first number of shots of a task; for the others they take
 * as much more than the kernel or training that they vary as there.
 */
const forecastOf = async (
  lens: Lens,
  { run, what, forecast }: ProtocolCell,
  known: Forecasts,
): Promise<number | undefined> => {
  const [shots, first] = [run.shots[0]!, [...known.keys()].find((key) => key.startsWith(`${run.task} `))];
  const keyOf = (k: number, name: string): string => `${run.task} ${k} ${name}`;
  const firstShots = first === undefined ? shots : Number(first.slice(run.task.length + 1).split(' ', 1)[0]);
  const [base] = what.split(', ');
  const [there, baseThere, here] = [
    known.get(keyOf(firstShots, what)),
    known.get(keyOf(firstShots, base!)),
    known.get(keyOf(shots, base!)),
  ];
  const isVariant = base !== what && shots !== firstShots && known.has(keyOf(firstShots, what));
  const sample = { shots, seed: run.seeds[0]! };
  const seconds =
    isVariant && here !== undefined && baseThere
      ? there && (here * there) / baseThere
      : await forecast(lens, await lens.task(run.task, { ...taskOptions(run), ...sample }));
  known.set(keyOf(shots, what), seconds);
  return seconds;
};

/** A session that plans every kernel once, whichever cells need it, on a sample of examples of one length. */
const explainingOnce = (lens: Lens): Lens => {
  const known = new Map<string, ReturnType<Lens['explain']>>();
  const explain = async (...[task, choice]: Parameters<Lens['explain']>) => {
    const { task: typical, share } = typicalSample(task, lens.model.config.maxTokens);
    const { seconds, parts, ...explained } = await lens.explain(typical, choice);
    const shares = Object.entries(parts).map(([part, own]) => [part, share * own] as const);
    return { ...explained, seconds: share * seconds, parts: Object.fromEntries(shares) as typeof parts };
  };
  return {
    ...lens,
    explain: (task, choice = {}) => {
      const { formula = 'sgd', space = 'full', binary = false } = choice;
      const key = JSON.stringify([
        ...[task.spec.name, task.shots, task.spec.template, task.prompt !== undefined],
        ...[typeof formula === 'string' ? formula : formula.title, binary],
        typeof space === 'string' ? space : space.spec,
        task.examples.test.length,
      ]);
      const found = known.get(key) ?? explain(task, choice);
      known.set(key, found);
      return found;
    },
  };
};
