import { chooseMethod } from './choose-method.js';
import { contractGradients } from './contract-gradients.js';
import { contractRankOne } from './contract-rank-one.js';
import { contractTokens } from './contract-tokens.js';
import type { MatrixContraction } from './matrix-contraction.js';
import type { PassKernels } from './pass-kernels.js';
import { addTokenDiagonals } from './token-diagonal.js';

/**
 * Adds the contribution of matrices that read the same activations to the kernels, by the way that is expected to
 * take least time (docs/theory.md, Sites):
 * - from their factors, Σ_{t,t'} (a_t·a'_t') (b_t·b'_t') over the tokens of two examples, without forming a gradient;
 * - by forming the gradients piece by piece;
 * - as outer products, where an example has one token.
 */
export const contractMatrices = async (
  matrices: readonly [MatrixContraction, ...MatrixContraction[]],
  into: PassKernels,
): Promise<void> => {
  const [first] = matrices;
  const outSize = matrices.reduce((sum, { size }) => sum + size.outSize, 0);
  const { rows, columns } = first;
  const method = chooseMethod(
    into.maps,
    { rows, columns, size: { ...first.size, outSize } },
    into.wanted.self,
  );
  if (method === 'token-gram') await contractTokens(matrices, into);
  for (const matrix of matrices) {
    if (method === 'rank-one') await contractRankOne(matrix, into);
    if (method === 'gradient') await contractGradients(matrix, into);
    else if (into.diagonal) await addTokenDiagonals(matrix, into);
  }
};
