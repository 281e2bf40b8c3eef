import { fanIn, outSize, type Stage } from '@ntk-lens/models';

/** Names of the sites of every stage whose values the forward pass keeps for the backward pass. */
export type KeptSites = readonly (readonly string[])[];

/** Memory that planned peaks leave out, as measured: the work memory of programs. */
const RESERVE = 232 * 2 ** 20;

/**
 * Inputs from which an output is worth its memory. Pages of kept values are all new. Where a first touch
 * takes 7 µs (a virtual machine, two threads), 300 GFLOP/s compute a page of outputs of 1,000 inputs again in
 * that time. If both cost about the same, memory decides.
 */
const WORTH_KEEPING = 1536;

/**
 * Chooses values of sites to keep, so that the backward pass need not compute them again. They are those
 * whose products are large for their bytes (of wide inputs), the widest first, the same in all stages that
 * compute the same function, as long as they fit.
 *
 * @param tokens tokens of all examples of the largest tile, padded
 * @param room bytes that this tile leaves of the budget
 * @param outputs C
 */
export const chooseKept = (
  stages: readonly Stage[],
  tokens: number,
  room: number,
  outputs: number,
): KeptSites => {
  let widest = 0;
  const groups = new Map<string, { identity: string; site: string; inputs: number; bytes: number }>();
  // The head's outputs are a row per example: nothing is saved.
  for (const { identity, sites } of stages.slice(0, -1)) {
    for (const site of sites) {
      const [inputs, size] = [fanIn(site), outSize(site)];
      if (inputs > 1) widest = Math.max(widest, inputs + outputs * size);
      if (inputs < WORTH_KEEPING) continue;
      const key = `${identity}/${site.name}`;
      const group = groups.get(key) ?? { identity, site: site.name, inputs, bytes: 0 };
      group.bytes += 4 * tokens * size;
      groups.set(key, group);
    }
  }
  // Factors of a site are there twice while batches are joined.
  let left = room - RESERVE - 4 * tokens * widest;
  const kept = new Map<string, string[]>();
  for (const { identity, site, bytes } of [...groups.values()].sort((a, b) => b.inputs - a.inputs)) {
    if (bytes > left) continue;
    left -= bytes;
    kept.set(identity, [...(kept.get(identity) ?? []), site]);
  }
  return stages.map(({ identity }, i) => (i < stages.length - 1 ? (kept.get(identity) ?? []) : []));
};
