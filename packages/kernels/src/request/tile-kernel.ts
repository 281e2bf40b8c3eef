import { firstPosition } from '@ntk-lens/models';
import type { KernelTiling } from '../plan/kernel-tiling.js';
import { panelBatches } from '../plan/panel-batches.js';
import { planKept } from '../plan/plan-kept.js';
import { planKeptRows } from '../plan/plan-kept-rows.js';
import { fitStates, planStates } from '../plan/plan-states.js';
import { planTiles } from '../plan/plan-tiles.js';
import { ifItFits, planWeights, type WeightPlan } from '../plan/plan-weights.js';
import { readValues } from '../plan/read-values.js';
import type { ExtraBytes } from '../plan/tile-plan.js';
import type { TileRequest } from '../plan/tile-request.js';
import { remembered } from '../remembered.js';
import type { KernelRequest } from './kernel-request.js';
import type { SizedRequest } from './size-request.js';

/**
 * Plans a request that was checked.
 *
 * @param byTiles the kernel is never in memory as a whole
 * @throws KernelSizeError, MemoryBudgetError
 */
export const tile = (
  { projection, parts: asked }: Pick<KernelRequest, 'projection' | 'parts'>,
  { checked, examples, memory, rates, parts, weights: ways, tilesWith }: SizedRequest,
  byTiles: boolean,
): KernelTiling => {
  const { stages, active, formula, logitWeights, padTo, batchSize, config } = checked;
  const { lengths, bytes: byExample, train } = examples;
  // There are two ways in which weights come into memory, and many plans for each.
  const requests = new Map<WeightPlan, TileRequest>();
  const tilesOf = (planned: WeightPlan): TileRequest =>
    remembered(requests, planned, () => tilesWith(planned, byTiles));
  const { weights, tiles } = planWeights(ways, memory, (planned) => planTiles(tilesOf(planned)));
  const own = tilesOf(weights);
  // Streamed weights are read again for every sweep, and a projection runs over the factors of the rows for every tile.
  const keepsRows = !weights.streamed && !projection && !examples.waits;
  const bytes = byExample.slice(0, train.length).reduce((sum, { allFactors }) => sum + allFactors, 0);
  const sharesRows = asked !== undefined && fitStates(bytes, memory);
  const tokens = lengths.slice(0, train.length).reduce((sum, length) => sum + length, 0);
  const batchesOf = panelBatches(lengths, batchSize, config.maxTokens);
  const request = {
    ...{ stages, active, outputs: logitWeights.length, maps: formula, memory, rates },
    read: readValues(stages, active, { padTo, firstPosition: firstPosition(config) }),
    padded: (panel: readonly number[]) => batchesOf(panel).padded,
    sharedPerToken: sharesRows ? bytes / tokens : undefined,
  };
  const { plan, kept } = planKept(request, tiles, (extra?: ExtraBytes) => [
    extra && ifItFits(() => planTiles(own, extra)),
    keepsRows ? planKeptRows(own, extra) : undefined,
  ]);
  const states = sharesRows ? planStates(plan.sweeps, (rows) => batchesOf(rows).batches, parts) : undefined;
  return { lengths, train: train.length, weights, plan, kept, rates, states };
};
