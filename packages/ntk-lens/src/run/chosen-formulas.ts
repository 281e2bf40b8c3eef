import { stat } from 'node:fs/promises';
import { BadArgumentError } from '@ntk-lens/core';
import { type FormulaName, formulaNames, formulaOf, type KernelFormula } from '@ntk-lens/kernels/formulas';
import { type LanguageModel, readSecondMoment } from '@ntk-lens/models';
import { ConflictingOptionsError } from '../options/errors.js';
import type { RunConfig } from '../options/run-config.js';

/** A kernel formula of a run, under the name by which configurations know it. */
export type ChosenFormula = KernelFormula & { readonly name: FormulaName };

/** The kernel formulas of a run. */
export interface ChosenFormulas {
  readonly formulas: readonly ChosenFormula[];
  /** Closes the optimizer state behind them, where there is one. */
  close(): Promise<void>;
}

/**
 * Refuses options of an optimizer state that nothing takes.
 *
 * @throws ConflictingOptionsError
 */
export const checkStateOptions = ({
  formulas,
  optimizerState,
  optimizerNames,
  optimizerBeta2,
  noPrompt,
}: RunConfig): void => {
  if (optimizerState === undefined) {
    const lonely =
      optimizerNames !== undefined ? 'names' : optimizerBeta2 !== undefined ? 'beta2' : undefined;
    if (lonely === undefined) return;
    throw new ConflictingOptionsError(
      `--optimizer-${lonely} describes an optimizer state, and none is given.`,
      `Add --optimizer-state, or leave --optimizer-${lonely} out.`,
    );
  }
  const readers = formulaNames.filter((name) => formulaOf(name).withState);
  if (!formulas.some((name) => readers.includes(name)))
    throw new ConflictingOptionsError(
      `--optimizer-state is read by the formula ${readers.join(', ')} only, and --formula has ${formulas.join(', ')}.`,
      `Add ${readers.join(' or ')} to --formula, or leave --optimizer-state out.`,
    );
  if (noPrompt)
    throw new ConflictingOptionsError(
      '--no-prompt takes the kernel of a network with a new head, of which an optimizer state knows nothing.',
      'Leave --no-prompt out, or --optimizer-state.',
    );
};

const checkFile = async (option: string, path: string): Promise<void> => {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile())
    throw new BadArgumentError(option, found ? `${path}, a directory` : path, 'a file that exists');
};

/**
 * The formulas that a configuration names; those that read an optimizer state have it, checked against the model's
 * parameters, of which only names and shapes are read for that.
 *
 * @throws BadArgumentError for files that do not exist; what `readSecondMoment` throws
 */
export const chosenFormulas = async (config: RunConfig, model: LanguageModel): Promise<ChosenFormulas> => {
  const { optimizerState, optimizerNames: names, optimizerBeta2: beta2 } = config;
  if (optimizerState === undefined)
    return { formulas: config.formulas.map((name) => ({ ...formulaOf(name), name })), close: async () => {} };
  await checkFile('optimizerState', optimizerState);
  if (names !== undefined) await checkFile('optimizerNames', names);
  const state = await readSecondMoment(optimizerState, model, { names, beta2 });
  const withState = (formula: KernelFormula): KernelFormula => formula.withState?.(state) ?? formula;
  return {
    formulas: config.formulas.map((name) => ({ ...withState(formulaOf(name)), name })),
    close: () => state.close(),
  };
};
