import { BadArgumentError, zeros } from '@ntk-lens/core';
import { matchParameters } from '@ntk-lens/kernels';
import {
  architectureOf,
  defineExtension,
  type LinearSite,
  linearSites,
  type Site,
  type Stage,
} from '@ntk-lens/models';
import { NoTargetsError, RankTooLargeError } from '../errors.js';
import { randomOf, uniform } from '../projections/random-values.js';
import type { ParameterSpace, SpaceModel } from '../space.js';
import { formatSpec, type SpaceSyntax } from '../syntax/space-syntax.js';
import { findTargets } from './find-targets.js';
import { loraNames, loraUpdates } from './lora-factors.js';
import { addUpdates } from './merge.js';
import { moduleOf, moduleSizes, outputPart } from './modules.js';
import { type AddedParameter, createSpaceModel } from './space-model.js';

export interface LoraOptions {
  /** Rank of the update. Default: 8. */
  readonly r?: number;
  /** Scale: updates count α/r times. Default: 2 r. */
  readonly alpha?: number;
  /** Probability of dropping the factor A's inputs in training. Default: 0. */
  readonly dropout?: number;
  /**
   * Linear sites, modules or globs, see `findTargets`. Default: those of the architecture, queries and values (for
   * GPT-2 its fused `c_attn`), as PEFT chooses.
   */
  readonly targets?: readonly string[];
  /**
   * Globs on names of the model's own parameters that move too. Choose `*head*` for the reference's LoRA kernels,
   * which count the language-model head in.
   */
  readonly also?: readonly string[];
  /** Rank-stabilized: scale α/√r (Kalajdzievski 2023). Choose it for large r. Default: false. */
  readonly rankStabilized?: boolean;
}

/** A LoRA space with the numbers that adapter files need. */
export interface LoraSpace extends ParameterSpace {
  readonly options: Required<Omit<LoraOptions, 'targets' | 'also'>> & Pick<LoraOptions, 'targets' | 'also'>;
  /** The factor on B(Ax). */
  readonly scale: number;
}

/**
 * Low-rank updates y = Wx + (α/r) B(Ax) of linear modules (Hu et al. 2021). A is drawn uniformly from
 * ±1/√in and B is 0, so the model starts unchanged, and at that point only B has a gradient (docs/theory.md, LoRA).
 *
 * @example
 * ```ts
 * const lora = await loraSpace({ r: 8, alpha: 16, targets: ['query', 'value'] }).apply(model, { seed: 1 });
 * lora.dimension; // layers · 2 matrices · 2 factors · 8 · hidden
 * ```
 * @throws BadArgumentError for numbers out of range
 */
export const loraSpace = (options: LoraOptions = {}): LoraSpace => {
  const { r = 8, alpha = 2 * r, dropout = 0, targets, also, rankStabilized = false } = options;
  if (!(Number.isInteger(r) && r > 0)) throw new BadArgumentError('r', r, 'a positive integer');
  if (!(Number.isFinite(alpha) && alpha > 0)) throw new BadArgumentError('alpha', alpha, 'a positive number');
  if (!(dropout >= 0 && dropout < 1)) throw new BadArgumentError('dropout', dropout, 'from 0 to below 1');
  const scale = alpha / (rankStabilized ? Math.sqrt(r) : r);
  return {
    spec: formatSpec('lora', {
      r,
      alpha,
      dropout: dropout || undefined,
      rslora: rankStabilized,
      targets,
      also,
    }),
    options: { r, alpha, dropout, rankStabilized, targets, also },
    scale,
    async apply(base, { seed = 0 } = {}) {
      const chosen = findTargets(base, targets ?? architectureOf(base.config).targets.lora);
      const moves = also ? matchParameters({ include: also }) : () => false;
      const names = [...base.parameters.keys()];
      if (also && !names.some(moves)) throw new NoTargetsError(also, names);
      const added = new Map<string, AddedParameter>();
      for (const target of chosen) {
        const { module, inSize, outSize } = target;
        if (r > Math.min(inSize, outSize))
          throw new RankTooLargeError(target.site.weight.name, [outSize, inSize], r);
        const { a, b } = loraNames(module);
        const shape = [r, inSize];
        added.set(a, {
          shape,
          initial: () => uniform(randomOf(seed, a), shape, 1 / Math.sqrt(inSize)),
        });
        added.set(b, { shape: [outSize, r], initial: () => zeros('float32', [outSize, r]) });
      }
      const sites = new Set(chosen.map(({ stage, site }) => `${stage} ${site.name}`));
      const stages = (list: readonly Stage[]) =>
        list.map((stage) => {
          const here = linearSites(stage.sites).filter(({ name }) => sites.has(`${stage.name} ${name}`));
          if (here.length === 0) return stage;
          return withFactors(stage, {
            sites: here.flatMap((site) => factorSites(site, r)),
            settings: { targets: here.map(({ name }) => name), scale, dropout },
          });
        });
      const merge = async (model: SpaceModel) => addUpdates(model, await loraUpdates(model, scale));
      return createSpaceModel({ base, space: this, seed, added, moves, stages, merge });
    },
  };
};

interface FactorSettings {
  /** Names of the sites that are updated. */
  readonly targets: readonly string[];
  readonly scale: number;
  readonly dropout: number;
}

/** Adds scale · B(A x) to the outputs of linear sites. */
const withFactors = defineExtension(({ targets, scale, dropout }: FactorSettings, own) => ({
  context: {
    site: (name, x, output) => {
      const y = own.context.site(name, x, output);
      if (!targets.includes(name)) return y;
      const kept = own.dropout(`${name}.lora`, x, dropout);
      return y.add(own.use(`${name}.lora_B`, own.use(`${name}.lora_A`, kept)).mul(scale));
    },
  },
}));

/** The factors of one site. B has the outputs that the site has of its module: label rows, a fused third. */
const factorSites = (site: LinearSite, r: number): Site[] => {
  const { inSize, outSize } = moduleSizes(site);
  const { a, b } = loraNames(moduleOf(site));
  return [
    { kind: 'linear', name: `${site.name}.lora_A`, weight: { name: a, shape: [r, inSize] } },
    {
      kind: 'linear',
      name: `${site.name}.lora_B`,
      weight: { name: b, shape: [outSize, r], ...outputPart(site) },
    },
  ];
};

export const loraSyntax: SpaceSyntax = {
  name: 'lora',
  usage: 'lora[:r=8,alpha=16,dropout=0.1,targets=query+value,rslora=true,also=GLOB+…]',
  summary: 'low-rank updates of linear modules',
  first: 'r',
  parse: (args) => {
    const r = args.integer('r', 1);
    const alpha = args.number('alpha', (x) => x > 0, 'a positive number');
    const dropout = args.number('dropout', (x) => x >= 0 && x < 1, 'a number from 0 to below 1');
    const targets = args.list('targets');
    const also = args.list('also');
    const rankStabilized = args.flag('rslora');
    return loraSpace({
      r,
      alpha,
      dropout,
      targets,
      also,
      rankStabilized,
    });
  },
};
