import type { MachineRates } from '@ntk-lens/engine';
import { fanIn, outSize, type Stage } from '@ntk-lens/models';
import { BATCH_TOKENS } from './kernel-batches.js';
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
  readonly site: string;
  readonly inputs: number;
  /** Numbers that it has for a token, in each of these stages. */
  readonly size: number;
  /** Places of the stages that read it. */
  readonly places: readonly number[];
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
      found.set(key, { site: site.name, inputs, size, places: [...(found.get(key)?.places ?? []), index] });
    }
  }
  return [...found.values()].sort((a, b) => b.inputs - a.inputs);
};

/** Numbers that values of these sites have for a token. */
export const floatsOf = (sites: readonly SiteOfStages[]): number =>
  sites.reduce((sum, { size, places }) => sum + size * places.length, 0);

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
  perToken: 4 * (1 + PADDING) * (widestFactors(stages, outputs) + floatsOf(sites)),
  once: RESERVE,
});

/**
 * Chooses values of sites to keep, so that the backward pass need not compute them again. They are those that are worth
 * it, in as many of the stages that compute the same function as they fit into. Where these are not all stages, they have
 * programs of their own, which have to save more time than they cost.
 *
 * @param tokens tokens of all examples of the largest sweep, padded
 * @param room bytes that this sweep leaves of the budget
 * @param outputs C
 * @param worth the sites that are worth it, where they are known
 */
export const chooseKept = (
  { stages, read }: ReadingStages,
  tokens: number,
  room: number,
  outputs: number,
  rates: MachineRates,
  worth = worthKeeping({ stages, read }, rates),
): KeptSites => {
  let left = room - RESERVE - 4 * tokens * widestFactors(stages, outputs);
  const kept = stages.map((): string[] => []);
  // Each of the two passes has a program for every shape of a batch.
  const programs = 2 * Math.ceil(tokens / BATCH_TOKENS) * rates.secondsPerProgram;
  for (const { site, inputs, size, places } of worth) {
    const saved = tokens * size * ((2 * inputs) / rates.products - 4 / rates.newPages);
    const count = Math.min(places.length, Math.max(0, Math.floor(left / (4 * tokens * size))));
    if (count < places.length && count * saved <= programs) continue;
    left -= 4 * tokens * size * count;
    for (const place of places.slice(0, count)) kept[place]!.push(site);
  }
  return kept;
};

/** Numbers of a token that are kept. */
export const keptFloats = (stages: readonly Stage[], kept: KeptSites): number =>
  stages.reduce(
    (sum, { sites }, i) =>
      sum + sites.reduce((own, site) => own + (kept[i]!.includes(site.name) ? outSize(site) : 0), 0),
    0,
  );
