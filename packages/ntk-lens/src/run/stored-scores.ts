import type { MethodScores, Solved } from '@ntk-lens/lens/stored';

/** The scores of a solved kernel. */
export type KernelScores = MethodScores &
  Pick<Solved, 'solver' | 'chosen' | 'search' | 'diagnostics' | 'warnings'>;

/** Majority, zero-shot and kernel results as `metrics.json` and `solve.json` hold them. */
export interface SolvedSplits {
  readonly majority: MethodScores;
  /** Absent when the logits of the pre-trained model are not known. */
  readonly zeroShot?: MethodScores;
  readonly kernel: KernelScores;
}

/** The parts of a solved kernel that are scores. */
export type SolvedScores = MethodScores &
  Pick<Solved, 'majority' | 'zeroShot' | 'solver' | 'chosen' | 'search' | 'diagnostics' | 'warnings'>;

export const storedScores = (solved: SolvedScores): SolvedSplits => {
  const { majority, zeroShot, solver, chosen, dev, test, search, diagnostics, warnings } = solved;
  return { majority, zeroShot, kernel: { solver, chosen, dev, test, search, diagnostics, warnings } };
};
