import type { Stage } from '@ntk-lens/models';

/** Names of the linear sites of every stage whose outputs the forward pass keeps for the backward pass. */
export type KeptSites = readonly (readonly string[])[];

/** What planned peaks leave out, as measured: work memory of programs. */
const RESERVE = 232 * 2 ** 20;

/**
 * Inputs from which an output is worth its memory. Pages of kept outputs are all new, and where a first touch takes 7 µs
 * (a virtual machine, two threads), 300 GFLOP/s compute a page of outputs of 1,000 inputs again in that time; where both
 * cost about the same, memory decides.
 */
const WORTH_KEEPING = 1536;

/**
 * Chooses site outputs to keep, so that the backward pass need not compute them again: those whose products are large
 * for their bytes (of wide inputs), the widest first, the same in all stages of a kind, as long as they fit.
 *
 * @param tokens of all examples of the largest pass, padded
 * @param room bytes that this pass leaves of the budget
 * @param outputs C
 */
export const chooseKept = (
  stages: readonly Stage[],
  tokens: number,
  room: number,
  outputs: number,
): KeptSites => {
  let widest = 0;
  const groups = new Map<string, { kind: string; site: string; inSize: number; bytes: number }>();
  // The head's outputs are a row per example: nothing is saved.
  for (const { kind, sites } of stages.slice(0, -1)) {
    for (const site of sites) {
      if (site.kind !== 'linear') continue;
      const { shape } = site.weight;
      const [outSize, inSize] = (site.inFirst ? [...shape].reverse() : shape) as [number, number];
      widest = Math.max(widest, inSize + outputs * outSize);
      if (inSize < WORTH_KEEPING) continue;
      const key = `${kind}/${site.name}`;
      const group = groups.get(key) ?? { kind, site: site.name, inSize, bytes: 0 };
      group.bytes += 4 * tokens * outSize;
      groups.set(key, group);
    }
  }
  // Factors of a site are there twice while batches are joined.
  let left = room - RESERVE - 4 * tokens * widest;
  const kept = new Map<string, string[]>();
  for (const { kind, site, bytes } of [...groups.values()].sort((a, b) => b.inSize - a.inSize)) {
    if (bytes > left) continue;
    left -= bytes;
    kept.set(kind, [...(kept.get(kind) ?? []), site]);
  }
  return stages.map(({ kind }, i) => (i < stages.length - 1 ? (kept.get(kind) ?? []) : []));
};
