import type { MachineRates } from '@ntk-lens/engine';
import { fanIn, outSize, type Stage } from '@ntk-lens/models';
import type { ReadValues } from './read-values.js';

/** Names of the sites of every stage whose values the forward pass keeps for the backward pass. */
export type KeptSites = readonly (readonly string[])[];

/** Memory that planned peaks leave out, as measured: the work memory of programs. */
const RESERVE = 232 * 2 ** 20;

/** Stages, and the values that their backward passes read: others are not worth keeping. */
export interface ReadingStages {
  readonly stages: readonly Stage[];
  readonly read: ReadValues;
}

/** A site of all stages that compute the same function. */
interface SiteOfStages {
  readonly identity: string;
  readonly site: string;
  readonly inputs: number;
  /** Numbers that it has for a token, in all these stages that read it. */
  readonly floats: number;
}

/**
 * The sites whose values are worth their memory, those of the widest inputs first: computing them again would take longer than
 * the pages that they are kept in, which are all new. At 300 GFLOP/s, and 7 µs for a page of 4 KiB, they are those of more than
 * 1,025 inputs.
 */
export const worthKeeping = (
  { stages, read }: ReadingStages,
  { products, newPages }: Pick<MachineRates, 'products' | 'newPages'>,
): readonly SiteOfStages[] => {
  const found = new Map<string, SiteOfStages>();
  // The head's outputs are a row per example: nothing is saved.
  for (const [index, { identity, sites }] of stages.slice(0, -1).entries()) {
    for (const site of sites) {
      const [inputs, size] = [fanIn(site), outSize(site)];
      if ((2 * inputs) / products <= 4 / newPages || !read(index).has(site.name)) continue;
      const key = `${identity}/${site.name}`;
      const floats = (found.get(key)?.floats ?? 0) + size;
      found.set(key, { identity, site: site.name, inputs, floats });
    }
  }
  return [...found.values()].sort((a, b) => b.inputs - a.inputs);
};

/** Numbers that the widest site's factors have for a token; they are there twice while batches are joined. */
const widestFactors = (stages: readonly Stage[], outputs: number): number =>
  Math.max(
    0,
    ...stages
      .slice(0, -1)
      .flatMap(({ sites }) => sites)
      .map((site) => (fanIn(site) > 1 ? fanIn(site) + outputs * outSize(site) : 0)),
  );

/** Most padding of a sweep's batches, as a share of their tokens. */
const PADDING = 0.2;

/** The memory that values of these sites take, for each token and once. */
export const keepingBytes = (
  stages: readonly Stage[],
  sites: readonly SiteOfStages[],
  outputs: number,
): { readonly perToken: number; readonly once: number } => ({
  perToken:
    4 * (1 + PADDING) * sites.reduce((sum, { floats }) => sum + floats, widestFactors(stages, outputs)),
  once: RESERVE,
});

/**
 * Chooses values of sites to keep, so that the backward pass need not compute them again. They are those that are worth
 * it, the same in all stages that compute the same function, as long as they fit.
 *
 * @param tokens tokens of all examples of the largest sweep, padded
 * @param room bytes that this sweep leaves of the budget
 * @param outputs C
 */
export const chooseKept = (
  { stages, read }: ReadingStages,
  tokens: number,
  room: number,
  outputs: number,
  rates: MachineRates,
): KeptSites => {
  let left = room - RESERVE - 4 * tokens * widestFactors(stages, outputs);
  const kept = new Map<string, string[]>();
  for (const { identity, site, floats } of worthKeeping({ stages, read }, rates)) {
    if (4 * tokens * floats > left) continue;
    left -= 4 * tokens * floats;
    kept.set(identity, [...(kept.get(identity) ?? []), site]);
  }
  return stages.map(({ identity }, i) =>
    i < stages.length - 1 ? (kept.get(identity) ?? []).filter((site) => read(i).has(site)) : [],
  );
};

/** Numbers of a token that are kept. */
export const keptFloats = (stages: readonly Stage[], kept: KeptSites): number =>
  stages.reduce(
    (sum, { sites }, i) =>
      sum + sites.reduce((own, site) => own + (kept[i]!.includes(site.name) ? outSize(site) : 0), 0),
    0,
  );
