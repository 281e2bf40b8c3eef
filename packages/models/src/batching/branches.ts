import { BadArgumentError, type EncodedExample } from '@ntk-lens/core';
import type { ModelConfig } from '../architectures/registry.js';
import type { Stage } from '../stages/stage.js';
import { BadExampleError, BranchesError, SequenceTooLongError } from './errors.js';

/**
 * Puts the tokens of label words behind a prompt, so that a causal model reads the prompt once for all of them. Every word
 * is a branch that goes on where the prompt ends, and sees the prompt and itself (docs/theory.md, Outputs). The last token
 * of a word is predicted and never read, so words of one token add nothing.
 *
 * @example
 * ```ts
 * withBranches({ inputIds: [5, 6], position: 1 }, [[8], [9, 10, 11]]);
 * // { inputIds: [5, 6, 9, 10], position: 1, branches: [0, 0, 2, 2] }
 * ```
 * @param example prompt of a causal model, read at its last token
 * @param words tokens of the label words, in label order
 * @throws BadArgumentError where tokens follow the one that is read
 */
export const withBranches = (
  { inputIds, position }: EncodedExample,
  words: readonly (readonly number[])[],
): EncodedExample => {
  if (position !== inputIds.length - 1) {
    const expected = 'the last token, since label words go on behind it';
    throw new BadArgumentError('position', position, expected);
  }
  const read = words.map((word) => word.slice(0, -1));
  if (read.every((word) => word.length === 0)) return { inputIds, position };
  return {
    inputIds: [...inputIds, ...read.flat()],
    position,
    branches: [...inputIds.map(() => 0), ...read.flatMap((word, k) => word.map(() => k + 1))],
  };
};

/** True for the tokens that belong to a label word. */
const inBranch = ({ branches = [] }: EncodedExample, t: number): boolean => (branches[t] ?? 0) > 0;

/** @internal True for the first token of a branch. */
export const startsBranch = (example: EncodedExample, t: number): boolean =>
  inBranch(example, t) && example.branches?.[t] !== example.branches?.[t - 1];

/** @internal Positions in the sequence whose logits are read: the prompt's, then every token of a branch. */
export const readPositions = (example: EncodedExample): readonly number[] => [
  example.position,
  ...[...example.inputIds.keys()].filter((t) => inBranch(example, t)),
];

/** Positions that an example needs of a model: the tokens of its prompt and of its longest branch. */
export const positionsOf = ({ inputIds, position, branches }: EncodedExample): number => {
  if (!branches) return inputIds.length;
  const sizes = new Map<number, number>();
  for (const branch of branches.slice(position + 1)) sizes.set(branch, (sizes.get(branch) ?? 0) + 1);
  return position + 1 + Math.max(0, ...sizes.values());
};

/** @internal Tokens of an example whose logits are read, R. */
export const readTokens = (example: EncodedExample | undefined): number =>
  1 + (example?.branches?.filter((branch) => branch > 0).length ?? 0);

/** @internal @throws BadExampleError for branches that are not behind the prompt */
export const checkBranches = (example: EncodedExample, index: number): void => {
  const { inputIds, branches, position } = example;
  if (!branches) return;
  const behind = branches.every((branch, t) =>
    t <= position ? branch === 0 : Number.isInteger(branch) && branch >= Math.max(1, branches[t - 1]!),
  );
  if (branches.length !== inputIds.length || !behind)
    throw new BadExampleError(
      index,
      `branches ${branches.join(', ')}`,
      'a number for every token: 0 up to the position that is read, then 1 or more in order',
    );
};

/**
 * Refuses examples that the stages of a model cannot read, before any work.
 *
 * @throws SequenceTooLongError if an example has more tokens than the model has positions
 * @throws BranchesError for an example without the branches of the label words
 */
export const checkSequences = (
  examples: readonly EncodedExample[],
  stages: readonly Pick<Stage, 'reads'>[],
  { maxTokens }: Pick<ModelConfig, 'maxTokens'>,
): void => {
  const reads = stages.at(-1)?.reads ?? 1;
  for (const [i, example] of examples.entries()) {
    const needed = positionsOf(example);
    if (needed > maxTokens) throw new SequenceTooLongError(i, needed, maxTokens);
    if (readTokens(example) !== reads) throw new BranchesError(i, readTokens(example), reads);
  }
};
