import type { LensTask, SolvedPredictions, SplitPredictions } from '@ntk-lens/lens';
import { RunDirectory } from '@ntk-lens/lens/stored';
import { renderCsv } from '@ntk-lens/report';

/** Name of the file with what was answered on every test example. */
export const predictionsName = 'predictions.csv';

/** A cell that a spreadsheet would compute. */
const FORMULA = /^[=+\-@\t\r]/;

/**
 * A text that a spreadsheet shows and does not compute: an apostrophe precedes the beginning of a formula
 * that is no number.
 */
const inert = (text: string): string =>
  FORMULA.test(text) && !Number.isFinite(Number(text)) ? `'${text}` : text;

/**
 * Writes `predictions.csv` of a solved kernel. It has a row for every test example, for the untrained model
 * and for the kernel, with its texts, its label, the prediction, and the margin (`marginsOf` of
 * @ntk-lens/lens; empty for a regression). docs/formats.md describes the columns.
 *
 * @param method name of the kernel's method
 * @throws DiskFullError
 */
export const writePredictions = async (
  directory: string,
  { spec, sets, prompt }: LensTask,
  { kernel, zeroShot }: SolvedPredictions,
  method: string,
): Promise<void> => {
  const shown = (answer: number): string | number =>
    spec.kind === 'regression' ? answer : inert(spec.labels[answer]!);
  const rows = (name: string, { answers, margins }: SplitPredictions) =>
    sets.test.map(({ texts, label }, i) => ({
      cells: [i, ...texts.map(inert), inert(label), name, shown(answers[i]!), margins?.[i] ?? null],
    }));
  const texts = spec.textsPerExample === 1 ? ['text'] : sets.test[0]!.texts.map((_, i) => `text ${i + 1}`);
  const untrained = prompt ? 'zero-shot' : 'linear probe';
  const csv = renderCsv({
    columns: ['example', ...texts, 'label', 'method', 'prediction', 'margin'].map((header) => ({ header })),
    rows: [...(zeroShot ? rows(untrained, zeroShot) : []), ...rows(method, kernel)],
  });
  const run = await RunDirectory.read(directory);
  await run?.finish({ [predictionsName]: new TextEncoder().encode(csv) });
};
