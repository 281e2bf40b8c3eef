import type { SitePlan } from '@ntk-lens/kernels';
import { describe, expect, it } from 'vitest';
import { groupSites, keptNotes, stageRange, streamingNotes } from './plan-table.js';

const site = (layer: number, over: Partial<SitePlan> = {}): SitePlan => ({
  stage: `layer.${layer}`,
  parameter: `bert.encoder.layer.${layer}.output.dense.weight`,
  inSize: 8,
  outSize: 4,
  tokens: 'all',
  methods: ['gradient'],
  flops: 10,
  ...over,
});

describe('a plan', () => {
  it('shows equal layers as one line with the sum of their work', () => {
    const groups = groupSites(Array.from({ length: 12 }, (_, layer) => site(layer)));
    expect(groups).toHaveLength(1);
    expect(groups[0]).toMatchObject({ parameter: 'bert.encoder.layer.*.output.dense.weight', flops: 120 });
    expect(stageRange(groups[0]!.stages)).toBe('layer.0–11');
  });
  it('keeps apart what is contracted in another way, on other tokens or of another shape', () => {
    const others: Partial<SitePlan>[] = [{ methods: ['token-gram'] }, { tokens: 'read-out' }, { inSize: 16 }];
    expect(groupSites([site(0), ...others.map((other, i) => site(i + 1, other))])).toHaveLength(4);
  });
  it('names stages one by one where numbers are missing', () => {
    expect(stageRange(['layer.0', 'layer.2'])).toBe('layer.0, layer.2');
    expect(stageRange(['head'])).toBe('head');
  });
  it('says what is kept, and what is computed again', () => {
    const none = { savedFlops: 0, againFlops: 0, tileFlops: 0, formedFlops: 0 };
    const kept = { sites: [], bytes: 0, rowBytes: 0, ...none };
    expect(keptNotes({ kept })).toEqual([
      'nothing is kept for the backward pass',
      'nothing is computed again',
    ]);
    const some = {
      ...kept,
      sites: ['query', 'output'],
      bytes: 2 ** 27,
      savedFlops: 2e12,
      tileFlops: 3e11,
      formedFlops: 1e11,
    };
    expect(keptNotes({ kept: some })).toEqual([
      'kept for the backward pass: outputs of query, output, 128 MiB, which saves 2 TFLOP',
      'computed again: 300 GFLOP for examples of several sweeps, 100 GFLOP for their gradients',
    ]);
  });
  it('says what is streamed, and how often how much is read', () => {
    const bytes = {
      ...{ allBytes: 24 * 2 ** 30, readBytes: 12 * 2 ** 30 },
      ...{ residentBytes: 1.5 * 2 ** 30, backwardBytes: 0.75 * 2 ** 30 },
    };
    const notes = (streamed: boolean, sweeps: number) =>
      streamingNotes({ weights: { ...bytes, streamed, reads: streamed ? 2 * sweeps : 1 }, sweeps }).join(
        '\n',
      );
    expect(notes(true, 1)).toMatch(
      /streamed.*1\.50 GiB\neach stage is read 2 times.*all tiles at once.*12\.00 GiB/,
    );
    expect(notes(true, 3)).toMatch(/read 6 times, forward and backward for each of 3 sweeps/);
    expect(notes(false, 3)).toBe('');
  });
});
