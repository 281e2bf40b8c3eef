import { createRuntime, type Runtime } from '@ntk-lens/engine';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultScheme } from '../pretrain/scheme.js';
import { checkCoordinates } from './coordinate-check.js';

let runtime: Runtime;
beforeAll(async () => {
  runtime = await createRuntime({ runtime: 'ort-cpu', threads: 1 });
});
afterAll(() => runtime.close());

const check = (parametrization: 'mup' | 'standard' | 'ntk') =>
  checkCoordinates({
    runtime,
    scheme: {
      ...defaultScheme,
      parametrization,
      baseWidth: 32,
      batchSize: 16,
      learningRate: 1e-2,
      zero: ['output'],
    },
    widths: [32, 64, 128, 256],
    seeds: [0, 1],
    steps: 3,
  });

describe('the coordinate check of a transformer with Adam', () => {
  it('passes μP, with the exceptions explained', async () => {
    const { findings, coordinates } = await check('mup');
    expect(findings.filter(({ verdict }) => verdict === 'fails')).toEqual([]);
    expect(findings[0]).toMatchObject({ verdict: 'holds', subject: 'all', statistic: 0 });
    expect(coordinates.map(({ name }) => name)).toContain('layer.1 scores');
    const of = (subject: string) => findings.find((finding) => finding.subject === subject)!;
    expect(of('logits, t = 0')).toMatchObject({
      verdict: 'holds',
      note: expect.stringContaining('starts at 0'),
    });
    expect(of('logits, t = 0').statistic).toBeUndefined();
    expect(of('layer.0 scores, t = 0')).toMatchObject({
      verdict: 'holds',
      note: expect.stringContaining('legitimate at the start'),
    });
    expect(of('layer.0 scores, t = 0').statistic).toBeLessThan(-0.3);
    expect(Math.abs(of('logits, change after 3 steps').statistic!)).toBeLessThan(0.15);
  });

  it('fails the standard parametrization: it grows', async () => {
    const { findings } = await check('standard');
    expect(findings[0]).toMatchObject({ verdict: 'fails', subject: 'all' });
    const grows = findings.filter(({ note }) => note === 'grows with width');
    expect(grows.length).toBeGreaterThan(10);
    expect(findings.find(({ subject }) => subject === 'layer.0 value, change after 3 steps')).toMatchObject({
      verdict: 'fails',
    });
  });

  it('sees the hidden layers of the NTK parametrization stand still while its logits move', async () => {
    const { coordinates, findings } = await check('ntk');
    const update = (name: string) =>
      coordinates.find((coordinate) => coordinate.name === name)!.update!.slope;
    expect(update('layer.0 value')).toBeLessThan(-0.3);
    expect(Math.abs(update('logits'))).toBeLessThan(0.15);
    expect(findings[0]!.verdict).toBe('fails');
  });
});

it('two widths cannot tell, and give no number', async () => {
  const { findings } = await checkCoordinates({
    runtime,
    scheme: { ...defaultScheme, batchSize: 4, layers: 1 },
    widths: [8, 16],
    seeds: [0],
    steps: 1,
  });
  expect(new Set(findings.map(({ verdict }) => verdict))).toEqual(new Set(['cannot tell']));
  expect(findings[1]).toMatchObject({ note: '2 widths: a slope needs three' });
  expect(
    findings.slice(1).every(({ statistic, interval }) => statistic === undefined && interval === undefined),
  ).toBe(true);
});

it('queries that start at 0 are exactly 0, which is no fault', async () => {
  const { findings } = await checkCoordinates({
    runtime,
    scheme: { ...defaultScheme, batchSize: 4, layers: 1, zero: ['query'] },
    widths: [8, 16, 32],
    seeds: [0],
    steps: 1,
  });
  for (const subject of ['layer.0 query, t = 0', 'layer.0 scores, t = 0']) {
    const finding = findings.find((other) => other.subject === subject)!;
    expect(finding).toMatchObject({ verdict: 'holds', note: expect.stringContaining('queries start at 0') });
    expect(finding.statistic).toBeUndefined();
  }
});
