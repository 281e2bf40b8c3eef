import { BadArgumentError, type NDArray, ndarray } from '@ntk-lens/core';
import {
  architectureOf,
  defineExtension,
  type LanguageModel,
  linearSites,
  partKey,
  rangeOf,
  type Site,
  type Stage,
  startsOf,
} from '@ntk-lens/models';
import type { ParameterSpace, SpaceModel, SpacePoint } from '../space.js';
import { formatSpec, type SpaceSyntax } from '../syntax/space-syntax.js';
import { withAllRows } from './all-rows.js';
import { findTargets, type LinearTarget } from './find-targets.js';
import { outputPart } from './modules.js';
import { type AddedParameter, createSpaceModel } from './space-model.js';

export interface Ia3Options {
  /** Linear sites, modules or globs, see `findTargets`. Default: keys, values and the second feed-forward matrix. */
  readonly targets?: readonly string[];
  /** The targets whose inputs are scaled instead of their outputs. Default: the second feed-forward matrix. */
  readonly feedforward?: readonly string[];
}

/** Name of a module's scale. */
export const ia3Name = (module: string): string => `${module}.ia3_l`;

/** A module that IA3 scales. */
export interface Ia3Target extends LinearTarget {
  readonly scalesInput: boolean;
}

/** The modules that the options choose in a model. */
export const ia3Targets = (model: LanguageModel, options: Ia3Options): Ia3Target[] => {
  const defaults = architectureOf(model.config).targets;
  const chosen = findTargets(model, options.targets ?? defaults.ia3);
  const feedforward = options.feedforward ?? defaults.feedforward;
  const inputs = feedforward.length > 0 ? findTargets(model, feedforward) : [];
  const isInput = new Set(inputs.map(({ stage, site }) => `${stage} ${site.name}`));
  return chosen.map((target) => {
    const scalesInput = isInput.has(`${target.stage} ${target.site.name}`);
    if (scalesInput && target.site.weight.part)
      throw new BadArgumentError('feedforward', target.site.name, 'a module that is used as a whole');
    return { ...target, scalesInput };
  });
};

/**
 * IA3 (Liu et al. 2022): elementwise scales of keys, values and inner feed-forward activations, at first 1.
 *
 * @example
 * ```ts
 * const ia3 = await ia3Space().apply(model);
 * ia3.dimension; // layers · (2 · hidden + intermediate)
 * ```
 */
export const ia3Space = (options: Ia3Options = {}): ParameterSpace & { readonly options: Ia3Options } => ({
  spec: formatSpec('ia3', { targets: options.targets, feedforward: options.feedforward }),
  options,
  async apply(base, { seed = 0 } = {}) {
    const targets = ia3Targets(base, options);
    const added = new Map<string, AddedParameter>();
    for (const { module, inSize, outSize, scalesInput } of targets) {
      const size = scalesInput ? inSize : outSize;
      added.set(ia3Name(module), {
        shape: [size],
        initial: () => ndarray<'float32'>(new Float32Array(size).fill(1), [size]),
      });
    }
    const stages = (list: readonly Stage[]) =>
      list.map((stage) => {
        const here = targets.flatMap((target) => {
          // Label rows of a decoder are those of this list of stages.
          const site = linearSites(stage.sites).find(({ name }) => name === target.site.name);
          return target.stage === stage.name && site ? [{ ...target, site }] : [];
        });
        return here.length === 0 ? stage : ia3Stage(stage, here);
      });
    const merge = (model: SpaceModel) => mergeIa3(model, targets);
    return createSpaceModel({ base, space: this, seed, added, stages, merge });
  },
});

/** Scales inputs and outputs of the linear sites of these names. */
const withScales = defineExtension(
  (
    { inputs, outputs }: { readonly inputs: readonly string[]; readonly outputs: readonly string[] },
    own,
  ) => ({
    context: {
      input: (name, x) => {
        const given = own.context.input?.(name, x) ?? x;
        return inputs.includes(name) ? own.use(scaleSiteName(name), given) : given;
      },
      site: (name, x, output) => {
        const y = own.context.site(name, x, output);
        return outputs.includes(name) ? own.use(scaleSiteName(name), y) : y;
      },
    },
  }),
);

const ia3Stage = (stage: Stage, targets: readonly Ia3Target[]): Stage => {
  const names = (scalesInput: boolean) =>
    targets.filter((target) => target.scalesInput === scalesInput).map(({ site }) => site.name);
  return withScales(stage, {
    sites: targets.map(scaleSite),
    settings: { inputs: names(true), outputs: names(false) },
  });
};

const scaleSiteName = (site: string): string => `${site}.ia3`;

const scaleSite = ({ site, module, inSize, outSize, scalesInput }: Ia3Target): Site => ({
  kind: 'norm',
  name: scaleSiteName(site.name),
  scale: { name: ia3Name(module), shape: [scalesInput ? inSize : outSize], ...outputPart(site) },
});

/** Weights and biases with the scales multiplied in. */
const mergeIa3 = async (model: SpaceModel, targets: readonly Ia3Target[]): Promise<SpacePoint> => {
  const merged = new Map<string, NDArray<'float32'>>();
  const done = new Set<string>();
  for (const { site, module, inSize, outSize, scalesInput } of targets) {
    const { weight, bias, inFirst = false } = site;
    const key = partKey(withAllRows(weight));
    // Layers may share a module.
    if (done.has(key)) continue;
    done.add(key);
    const scale = (await model.read(ia3Name(module))).data;
    const range = rangeOf(weight) ?? { axis: 0, start: 0, size: outSize };
    const outputs = startsOf(range).flatMap((start) =>
      Array.from({ length: range.size }, (_, i) => start + i),
    );
    const w = merged.get(weight.name) ?? (await model.base.read(weight.name));
    merged.set(weight.name, w);
    for (const o of outputs)
      for (let i = 0; i < inSize; i++)
        w.data[inFirst ? i * outSize + o : o * inSize + i]! *= scale[scalesInput ? i : o]!;
    if (!bias || scalesInput) continue;
    const b = merged.get(bias.name) ?? (await model.base.read(bias.name));
    merged.set(bias.name, b);
    for (const o of outputs) b.data[o]! *= scale[o]!;
  }
  return merged;
};

export const ia3Syntax: SpaceSyntax = {
  name: 'ia3',
  usage: 'ia3[:targets=key+value+output,feedforward=output]',
  summary: 'scales of keys, values and inner feed-forward activations',
  parse: (args) => {
    const [targets, feedforward] = [args.list('targets'), args.list('feedforward')];
    return ia3Space({ targets, feedforward });
  },
};
