import type { MethodScores } from '@ntk-lens/lens/stored';
import type { Cell, Row, Table } from '@ntk-lens/report';
import { meanAndSd } from '@ntk-lens/solvers';
import type { CellResult, Experiment } from '../run/experiment.js';
import { cellKernelName, chosenText } from '../run/method-name.js';
import type { SolvedSplits } from '../run/stored-scores.js';
import { intervalNotes } from './accuracy-chart.js';
import { experimentNotes } from './experiment-notes.js';
import { metricFormat } from './metric-format.js';

/** A cell whose kernel was solved. */
type SolvedCell = Pick<
  CellResult,
  'shots' | 'seed' | 'formula' | 'space' | 'withoutPrompt' | 'zeroShotVariants'
> & {
  readonly scores: SolvedSplits;
};

/**
 * Majority, zero-shot and kernel results: one row a method; over several seeds mean ± sd (ddof 0).
 *
 * @param metrics the first is shown for dev and test, the others for test
 */
const resultsTable = (
  title: string,
  cells: readonly SolvedCell[],
  metrics: Experiment['task']['metrics'],
): Table => {
  const [main] = metrics;
  const severalShots = new Set(cells.map(({ shots }) => shots)).size > 1;
  const rows: Row[] = [];
  for (const shots of new Set(cells.map((cell) => cell.shots))) {
    const group = cells.filter((cell) => cell.shots === shots);
    const kernels = [...new Set(group.map(cellKernelName))];
    const of = (name: string | undefined, withoutPrompt = false) =>
      group.filter(
        (cell) => cellKernelName(cell) === name && (cell.withoutPrompt ?? false) === withoutPrompt,
      );
    const samples = of(kernels[0]);
    const probed = of(kernels[0], true);
    // A space starts from the model itself, except prefixes, soft prompts and adapters.
    const starts = new Map<string | undefined, string>();
    for (const cell of group.filter(({ withoutPrompt }) => !withoutPrompt)) {
      const moved = cell.space?.startsAtModel === false ? cell.space.name : undefined;
      if (!starts.has(moved)) starts.set(moved, cellKernelName(cell));
    }
    const add = (method: string, scores: readonly MethodScores[], chosen: string | null): void => {
      rows.push({
        cells: [
          ...(severalShots ? [shots] : []),
          method,
          summary(scores.map(({ dev }) => dev[main])),
          ...metrics.map((name) => summary(scores.map(({ test }) => test[name]))),
          chosen,
        ],
        strong: chosen !== null,
        rule: method === 'majority',
      });
    };
    add(
      'majority',
      samples.map(({ scores }) => scores.majority),
      null,
    );
    for (const [moved, name] of starts) {
      const zeroShot = of(name).flatMap(({ scores }) => scores.zeroShot ?? []);
      if (zeroShot.length > 0) add(moved ? `zero-shot, ${moved} at its start` : 'zero-shot', zeroShot, null);
    }
    const variants = samples.map((cell) => cell.zeroShotVariants ?? []);
    for (const [k, { name }] of (variants[0] ?? []).entries()) {
      add(
        name,
        variants.flatMap((own) => own[k] ?? []),
        null,
      );
    }
    const addKernels = (withoutPrompt: boolean): void => {
      for (const name of kernels) {
        const solved = of(name, withoutPrompt).map(({ scores }) => scores.kernel);
        if (solved.length === 0) continue;
        const chosen = [...new Set(solved.map((kernel) => chosenText(kernel.chosen)))];
        const text = chosen.length === 1 ? chosen[0]! : 'differs, see metrics.json';
        const solvers = [...new Set(solved.map(({ solver }) => solver))].join(', ');
        add(`${name}${withoutPrompt ? ', no prompt' : ''} (${solvers})`, solved, text);
      }
    };
    addKernels(false);
    const probes = probed.flatMap(({ scores }) => scores.zeroShot ?? []);
    if (probes.length > 0) add('linear probe, no prompt', probes, null);
    addKernels(true);
  }
  return {
    title,
    columns: [
      ...(severalShots ? [{ header: 'shots' }] : []),
      { header: 'method', align: 'left' },
      { header: `dev ${main}`, ...metricFormat(main) },
      ...metrics.map((name) => ({ header: `test ${name}`, ...metricFormat(name) })),
      { header: 'chosen on dev', align: 'left' },
    ],
    rows,
  };
};

const summary = (values: readonly (number | undefined)[]): Cell => {
  const known = values.filter((value) => value !== undefined);
  if (known.length === 0) return null;
  return known.length === 1 ? known[0]! : meanAndSd(known);
};

/** The table of an experiment, with what made the numbers below it. */
export const experimentTable = (experiment: Experiment): Table => {
  const { task, config, model, cells } = experiment;
  const solved = cells.filter((cell): cell is CellResult & SolvedCell => cell.scores !== undefined);
  const seeds = `seed${config.seeds.length > 1 ? 's' : ''} ${config.seeds.join(', ')}`;
  const title = `${task.name}, ${config.shots.join(' and ')}-shot, ${seeds} · ${model.name} (${(model.parameters / 1e6).toFixed(1)} M parameters)`;
  const [metric] = task.metrics;
  const scores = solved.flatMap((cell) => [cell.scores.majority, cell.scores.zeroShot, cell.scores.kernel]);
  const found = scores.flatMap((score) => score?.test[metric] ?? []);
  const [cell] = solved;
  return {
    ...resultsTable(title, solved, task.metrics),
    notes: [
      ...(cell ? intervalNotes(metric, found, cell.examples.test) : []),
      ...experimentNotes(experiment),
    ],
  };
};
