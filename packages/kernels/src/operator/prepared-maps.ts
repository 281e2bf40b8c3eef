import { openStageWeights, StageChain } from '@ntk-lens/models';
import type { JacobianOptions } from '../derivatives/jacobian.js';
import { planGroups, streamsWeights } from '../derivatives/plan-groups.js';
import type { MapPair } from '../formulas/formula.js';
import { meanSquaredGradient } from '../moments/mean-squared-gradient.js';
import { ResidentScope } from '../pass/resident-scope.js';
import type { CheckedRequest } from '../request/check-request.js';
import type { OperatorRequest } from './operator-request.js';

/** The maps of a formula, after what it asks of the training examples. */
export const preparedMaps = async (
  request: OperatorRequest,
  checked: CheckedRequest,
  options: JacobianOptions,
): Promise<MapPair> => {
  const { formula, stages } = checked;
  if (!formula.prepare) return formula;
  const { model, train, signal } = request;
  const scope = new ResidentScope(request.runtime);
  try {
    const weights = await openStageWeights(scope, model, stages, streamsWeights(options), request);
    const chain = new StageChain({
      ...{ runtime: scope, stages, signal, what: 'The squared gradients' },
      weightsOf: (stage) => weights.of(stage),
    });
    // The factors of a panel are in memory together, so a panel is a batch.
    const panels = planGroups(options, train, { cotangents: 1, directions: 0 }).flatMap(({ batches }) =>
      batches.map(({ indices }) => indices),
    );
    const plan = { ...checked, panels, kept: stages.map(() => []) };
    return await formula.prepare({
      meanSquaredGradient: (loss) => meanSquaredGradient(chain, request, plan, loss),
    });
  } finally {
    await scope.close();
  }
};
