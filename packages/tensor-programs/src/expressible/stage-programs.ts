import type { tf } from '@ntk-lens/engine';
import { defineBackward, forwardStage, type Named, plannedShapes, type Stage } from '@ntk-lens/models';

/** Examples and tokens of the traced programs: different from each other, small, and the same at every width. */
const [EXAMPLES, TOKENS] = [2, 3];

/** Tokens per example that a model with this limit is traced with. */
export const tracedTokens = (maxTokens: number): number => Math.min(TOKENS, maxTokens);

/**
 * One stage's forward pass: its output `y`, and what each of its sites puts out.
 *
 * @param x shape of the hidden state that enters; absent for the first stage
 */
export const forwardProgram = (
  stage: Stage,
  x: readonly number[] | undefined,
  tokens: number,
): ReturnType<typeof forwardStage> =>
  forwardStage({
    stage,
    shapes: plannedShapes(stage, EXAMPLES, tokens, x),
    keep: stage.sites.map(({ name }) => name),
    logitWeights: undefined,
  });

const allGradients = defineBackward(
  'gradient',
  ({ weight }, { wanted }): Named<readonly tf.Tensor[]> =>
    Object.fromEntries(wanted.weights.map((local) => [local, weight(local)])),
);

/**
 * The gradients of one stage with respect to its weights and `x`, given the cotangent of its output, of shape
 * `y`.
 */
export const gradientProgram = (
  stage: Stage,
  x: readonly number[] | undefined,
  y: readonly number[],
  tokens: number,
): ReturnType<typeof allGradients> =>
  allGradients({
    stage,
    shapes: plannedShapes(stage, EXAMPLES, tokens, x),
    kept: {},
    wanted: { sites: [], weights: Object.keys(stage.weights), input: true },
    above: [y],
    logitWeights: undefined,
  });
