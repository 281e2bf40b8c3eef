import type { MachineWork } from '@ntk-lens/engine';
import { chooseMethod, type Method } from '../contract/choose-method.js';
import { asOne, groupSizes, type Shares } from '../contract/matrix-group.js';
import type { CountedBatch } from '../contract/matrix-shapes.js';
import type { Sides } from '../contract/pairs.js';
import type { PanelBatches } from '../plan/panel-batches.js';
import { remembered } from '../remembered.js';
import type { PreparedKernels } from '../request/prepare.js';
import { contractionWork } from './contraction-work.js';
import type { StageCosts } from './stage-costs.js';

/** The panels of one tile. */
export interface TilePanels {
  readonly rows: PanelBatches;
  readonly columns: PanelBatches;
  readonly self: boolean;
}

/** The contraction of one matrix in a tile, or its share of one that it is in with others. */
export interface TileContraction {
  /** Identifies the matrix. */
  readonly key: string;
  readonly stage: string;
  readonly parameter: string;
  readonly inSize: number;
  readonly outSize: number;
  /** Only the tokens that are read out have a cotangent. */
  readonly isReadOut: boolean;
  readonly sides: Sides<CountedBatch>;
  readonly method: Method;
  readonly work: MachineWork;
  readonly flops: number;
}

/** A matrix's batches in a tile. */
interface MatrixBatches {
  readonly sides: { readonly [S in keyof Sides<CountedBatch>]: CountedBatch[] };
  /** Matrices that are contracted together with it, itself among them. */
  readonly together: readonly string[];
  readonly shares: Shares;
}

/** Counts the contractions of tiles, stage by stage; those of tiles with the same lengths once. */
export const tileContractions = (
  prepared: PreparedKernels,
  costs: StageCosts,
): ((tile: TilePanels) => readonly (readonly TileContraction[])[]) => {
  const known = new Map<string, readonly (readonly TileContraction[])[]>();
  return (tile) =>
    remembered(known, `${tile.rows.key} ${tile.columns.key} ${tile.self}`, () =>
      contractionsOf(prepared, costs, tile),
    );
};

const contractionsOf = (
  { stages, active, formula, rates, logitWeights }: PreparedKernels,
  costs: StageCosts,
  tile: TilePanels,
): readonly (readonly TileContraction[])[] => {
  const matrices = matricesOf(stages, logitWeights.length, costs, tile);
  return stages.map((stage, index) =>
    active[index]!.matrices.flatMap(({ local, ref, inSize, outSize }, _, all): TileContraction[] => {
      const key = keyOf(stage, local);
      const batches = matrices.get(key);
      if (!batches) return [];
      const { sides } = batches;
      const members = all.filter((other) => batches.together.includes(other.local));
      const together = asOne(groupSizes(batches.shares, members));
      const method = chooseMethod(formula, { ...sides, size: together }, tile.self, rates);
      // Grams of tokens contract the whole group at once, of which this matrix has its share; other ways go matrix by matrix.
      const size = method === 'token-gram' ? together : { inSize, outSize };
      const share = batches.shares === 'activations' ? outSize / size.outSize : inSize / size.inSize;
      const { work, flops } = contractionWork(formula, { ...sides, size }, tile.self, method);
      const isReadOut = sides.rows.every(({ length }) => length === (stage.reads ?? 1));
      const named = { key, stage: stage.name, parameter: ref.name, inSize, outSize };
      return [{ ...named, isReadOut, sides, method, work: scaled(work, share), flops: share * flops }];
    }),
  );
};

const keyOf = ({ name }: PreparedKernels['stages'][number], local: string): string => `${name}/${local}`;

/** The batches of all matrices in a tile. */
const matricesOf = (
  stages: PreparedKernels['stages'],
  outputs: number,
  costs: StageCosts,
  tile: TilePanels,
): ReadonlyMap<string, MatrixBatches> => {
  const matrices = new Map<string, MatrixBatches>();
  for (const side of ['rows', 'columns'] as const)
    for (const { indices, length } of tile[side].batches) {
      const n = indices.length;
      const tokens = indices.map((i) => tile[side].lengths[i]!);
      const ofStages = costs.of(n, length);
      const counted = new Map<number, CountedBatch>();
      const asSeen = (seen: number): CountedBatch =>
        remembered(
          counted,
          seen,
          (): CountedBatch => ({ outputs, n, length: seen, tokens: seen === length ? tokens : undefined }),
        );
      for (const [index, stage] of stages.entries())
        for (const { locals, shares, length: seen } of ofStages[index]!.groups)
          for (const local of locals) {
            const none = (): MatrixBatches => ({
              sides: { rows: [], columns: [] },
              together: locals,
              shares,
            });
            const { sides } = remembered(matrices, keyOf(stage, local), none);
            sides[side].push(asSeen(seen));
          }
    }
  return matrices;
};

const scaled = (work: MachineWork, share: number): MachineWork =>
  Object.fromEntries(Object.entries(work).map(([name, amount]) => [name, share * amount])) as MachineWork;
