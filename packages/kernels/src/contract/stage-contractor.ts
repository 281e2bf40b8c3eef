import type { MachineRates } from '@ntk-lens/engine';
import type { Stage } from '@ntk-lens/models';
import type { ActiveParameters } from '../factors/active-parameters.js';
import type { BatchFactors } from '../factors/stage-factors.js';
import type { MapPair } from '../formulas/formula.js';
import type { VectorLengths } from '../sites/kernel-site.js';
import type { Accumulators } from './accumulators.js';
import { chooseMethod } from './choose-method.js';
import { contractGradients } from './contract-gradients.js';
import { contractRankOne } from './contract-rank-one.js';
import { contractRows } from './contract-rows.js';
import { contractTokens } from './contract-tokens.js';
import { contractVectors, joinVectorBatches } from './contract-vectors.js';
import type { Contractor } from './contractor.js';
import { MapScales } from './map-scales.js';
import type { MatrixContraction } from './matrix-contraction.js';
import { asOne, groupSizes, type MatrixGroup, type Shares } from './matrix-group.js';
import { bothSides, type Sides } from './pairs.js';
import { vectorRanges } from './shared-parameters.js';
import type { TileKernels } from './tile-kernels.js';
import { addTokenDiagonals } from './token-diagonal.js';
import { WholeGradients, type WholeGradientsOptions, type WholeMatrix } from './whole-gradients.js';

/** The inputs of a contraction of a chain's stages. */
export interface ContractorOptions extends Omit<WholeGradientsOptions, 'padTo'> {
  readonly maps: MapPair;
  readonly stages: readonly Stage[];
  readonly lengths: VectorLengths;
  /** Rates of the machine, by which the way of a contraction is chosen. */
  readonly rates: MachineRates;
}

/** Adds the contributions of stages, given from the head down, to the kernels, and frees their factors. */
export class StageContractor implements Contractor {
  readonly #options: ContractorOptions;
  readonly #into: Accumulators;
  readonly #gradients: WholeGradients;
  readonly #scales: MapScales;

  constructor(options: ContractorOptions, into: Accumulators) {
    this.#options = options;
    this.#into = into;
    this.#gradients = new WholeGradients({ ...options, padTo: options.lengths.padTo });
    this.#scales = new MapScales(options.runtime, options.maps, options.lengths);
  }

  async contract(index: number, factors: Sides<BatchFactors>): Promise<void> {
    const { stages, active } = this.#options;
    const [stage, own] = [stages[index]!, active[index]!];
    await this.#contractMatrices(stage, own, factors);
    await this.#contractVectors(index, stage, own, factors);
    for await (const { parameter, sides } of this.#gradients.tables(own, factors)) {
      const scales = await this.#scales.rows(parameter);
      contractRows(sides, scales, this.#into.at(stage.name, parameter.ref.name));
    }
  }

  /** Matrices that share factors and add to the same kernels are contracted together. */
  async #contractMatrices(stage: Stage, own: ActiveParameters, factors: Sides<BatchFactors>): Promise<void> {
    const groups: WholeGroup[] = [];
    for (const whole of await this.#gradients.matrices(own, factors)) {
      const into = this.#into.at(stage.name, whole.parameter.ref.name);
      const at = groups.findIndex((group) => group.into === into && sharedWith(group.members, whole));
      const group = groups[at];
      if (group) groups[at] = withMember(group, whole);
      else groups.push({ into, shares: 'activations', members: [whole] });
    }
    // Factors are copied while they are contracted: the largest last, when the others' are released.
    groups.sort((x, y) => numbersPerToken(x) - numbersPerToken(y));
    for (const { into, shares, members } of groups) {
      const [first, ...rest] = await Promise.all(members.map((member) => this.#contraction(member)));
      if (!first) continue;
      await contractMatrices({ shares, members: [first, ...rest] }, into, this.#options.rates);
      for (const { factors: scales } of [first, ...rest]) this.#scales.release(scales);
      for (const member of members) this.#gradients.releaseMatrix(member);
    }
  }

  async #contraction({ parameter, sides }: WholeMatrix): Promise<MatrixContraction> {
    const { inSize, outSize, inFirst } = parameter;
    const factors = await this.#scales.matrix(parameter);
    return { ...sides, runtime: this.#options.runtime, size: { inSize, outSize }, inFirst, factors };
  }

  async #contractVectors(
    index: number,
    stage: Stage,
    own: ActiveParameters,
    factors: Sides<BatchFactors>,
  ): Promise<void> {
    const { runtime, lengths } = this.#options;
    for await (const { parameters, sides } of this.#gradients.vectors(index, own, factors)) {
      const joined = await joinVectorBatches(runtime, sides);
      const scales = await this.#scales.vectors(parameters);
      const ranges = vectorRanges(parameters, lengths.padTo);
      const size = ranges.reduce((sum, [, count]) => sum + count, 0);
      const parts =
        this.#into.level === 'parameter'
          ? parameters.map(({ ref }, i) => ({ name: ref.name, range: ranges[i]! }))
          : [{ name: '', range: [0, size] as const }];
      for (const { name, range } of parts) {
        const contraction = { ...joined, runtime, factors: scales, range };
        await contractVectors(contraction, this.#into.at(stage.name, name));
      }
      this.#scales.release(scales);
      runtime.release(bothSides(joined).map(({ v }) => v));
    }
  }
}

/**
 * Adds the contribution of a group of matrices to the kernels, by the way that is expected to take least time
 * (docs/theory.md, Sites):
 * - from their factors, Σ_{t,t'} (a_t·a'_t') (b_t·b'_t') over the tokens of two examples, without forming a gradient;
 * - by forming the gradients piece by piece;
 * - as outer products, where an example has one token.
 */
const contractMatrices = async (
  group: MatrixGroup<MatrixContraction>,
  into: TileKernels,
  rates: MachineRates,
): Promise<void> => {
  const { shares, members } = group;
  const [{ rows, columns }] = members;
  const sizes = members.map(({ size }) => size);
  const whole = { rows, columns, size: asOne(groupSizes(shares, sizes)) };
  const method = chooseMethod(into.maps, whole, into.wanted.self, rates);
  if (method === 'token-gram') await contractTokens(group, into);
  for (const matrix of members) {
    if (method === 'rank-one') await contractRankOne(matrix, into);
    if (method === 'gradient') await contractGradients(matrix, into);
    else if (into.diagonal) await addTokenDiagonals(matrix, into);
  }
};

interface WholeGroup extends MatrixGroup<WholeMatrix> {
  readonly into: TileKernels;
}

/** The factors that a matrix shares with all of these, if any: the tensors are the same. */
const sharedWith = (members: readonly WholeMatrix[], whole: WholeMatrix): Shares | undefined => {
  const [own, ...others] = [whole, ...members].map(({ sides }) => bothSides(sides)[0]);
  if (others.every((other) => other?.a === own?.a)) return 'activations';
  return others.every((other) => other?.b[0] === own?.b[0]) ? 'cotangents' : undefined;
};

const withMember = (group: WholeGroup, whole: WholeMatrix): WholeGroup => ({
  ...group,
  shares: sharedWith(group.members, whole) ?? group.shares,
  members: [...group.members, whole],
});

/** Numbers that the factors of a group have for each token. */
const numbersPerToken = ({ shares, members }: WholeGroup): number => {
  const { inSize, outSize } = asOne(
    groupSizes(
      shares,
      members.map(({ parameter }) => parameter),
    ),
  );
  return inSize + (bothSides(members[0].sides)[0]?.outputs ?? 1) * outSize;
};
