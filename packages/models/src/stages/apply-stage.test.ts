import { tf } from '@ntk-lens/engine';
import { beforeAll, describe, expect, it } from 'vitest';
import { linearSite } from '../sites/linear.js';
import { plainContext, type SiteContext } from '../sites/site-context.js';
import { defineExtension, defineStage } from './define-stage.js';
import type { SideInputs } from './side-inputs.js';

tf.env().set('PROD', true);
beforeAll(async () => {
  await tf.setBackend('cpu');
});

const scaled = defineStage((factor: number, at, _side, x) => at.use('dense', x!).mul(factor));
const dense = linearSite('dense', 'module', 2, 2);
const base = scaled({ name: 'layer.0', settings: 2, sites: [dense] });

const noSide = {} as SideInputs;
const identityWeights = (name: string) => ({
  [`${name}.weight`]: tf.tensor2d([1, 0, 0, 1], [2, 2]),
  [`${name}.bias`]: tf.tensor1d([0, 0]),
});
const numbers = (x: tf.Tensor): number[] => [...x.dataSync()];
const x = tf.tensor3d([1, 2], [1, 1, 2]);

describe('a stage', () => {
  it('has the weights of its sites, by local name', () => {
    expect(base.weights).toEqual({ 'dense.weight': dense.weight, 'dense.bias': dense.bias });
    expect(base.attends).toBe(false);
  });

  it('applies its function with its settings and sites', () => {
    expect(numbers(base.apply(plainContext, identityWeights('dense'), noSide, x))).toEqual([2, 4]);
  });

  it('says which sites there are where one is used that there is not', () => {
    const wrong = defineStage((_: null, at, _side, input) => at.use('query', input!));
    const stage = wrong({ name: 's', settings: null, sites: [dense] });
    expect(() => stage.apply(plainContext, {}, noSide, x)).toThrow(/no site "query", only dense/);
  });

  it('drops nothing outside of training or at rate 0', () => {
    const dropping = defineStage((rate: number, at, _side, input) => at.dropout('place', input!, rate));
    const stage = (rate: number) => dropping({ name: 's', settings: rate, sites: [] });
    const asked: unknown[] = [];
    const training: SiteContext = {
      ...plainContext,
      dropout: (place, input, rate) => {
        asked.push([place, rate]);
        return input.mul(0);
      },
    };
    expect(numbers(stage(0.5).apply(plainContext, {}, noSide, x))).toEqual([1, 2]);
    expect(numbers(stage(0).apply(training, {}, noSide, x))).toEqual([1, 2]);
    expect(asked).toEqual([]);
    expect(numbers(stage(0.5).apply(training, {}, noSide, x))).toEqual([0, 0]);
    expect(asked).toEqual([['place', 0.5]]);
  });

  it('attends as the formula says, with what the context makes of the inputs', () => {
    const attending = defineStage((scale: number | null, at, _side, h) =>
      at.attend(
        { query: h!, key: h!, value: h!.mul(10), bias: tf.tensor4d([0, 0, -1e9, 0], [1, 1, 2, 2]) },
        { heads: 1, scale: scale ?? undefined, attentionDropout: 0 },
      ),
    );
    const h = tf.tensor3d([1, 2, 3, 4], [1, 2, 2]);
    const make = (scale: number | null) =>
      attending({ name: 's', settings: scale, sites: [], attends: true });
    for (const scale of [null, 0.3]) {
      const by = scale ?? 1 / Math.SQRT2;
      // The first token sees both, the second itself alone.
      const [own, other] = [Math.exp(by * 5), Math.exp(by * 11)];
      const first = [10, 20].map((value, i) => (value * own + [30, 40][i]! * other) / (own + other));
      const found = numbers(make(scale).apply(plainContext, {}, noSide, h));
      for (const [i, value] of [...first, 30, 40].entries()) expect(found[i]).toBeCloseTo(value, 4);
    }
    const zeroValues: SiteContext = {
      ...plainContext,
      attention: (inputs) => ({ ...inputs, value: h.mul(0) }),
    };
    expect(numbers(make(null).apply(zeroValues, {}, noSide, h))).toEqual([0, 0, 0, 0]);
  });
});

describe('an extension', () => {
  const doubling = defineExtension((by: number, own) => ({
    context: {
      input: by > 0 ? (_name, input) => input.mul(by) : undefined,
      site: (name, activation, output) =>
        own.context.site(name, activation, output.add(own.use('added', activation))),
    },
  }));
  const added = linearSite('added', 'added', 2, 2);
  const stage = doubling(base, { sites: [added], settings: 3 });
  const weights = { ...identityWeights('dense'), ...identityWeights('added') };

  it('adds its sites and weights, and leaves the stage as it was', () => {
    expect(stage.sites).toEqual([dense, added]);
    expect(Object.keys(stage.weights)).toEqual(['dense.weight', 'dense.bias', 'added.weight', 'added.bias']);
    expect(stage).toMatchObject({ name: 'layer.0', attends: false });
    expect(base.sites).toEqual([dense]);
  });

  it('changes what its context says, and its sites report to the context of the model', () => {
    const told: string[] = [];
    const watching: SiteContext = {
      site: (name, activation, output) => {
        told.push(`${name} ${numbers(activation)} ${numbers(output)}`);
        return output;
      },
    };
    const y = stage.apply(watching, weights, noSide, x);
    expect(told).toEqual(['added 3,6 3,6', 'dense 3,6 6,12']);
    expect(numbers(y)).toEqual([12, 24]);
  });

  it('lets through what it does not change', () => {
    const outer: SiteContext = { ...plainContext, input: (_name, input) => input.mul(-1) };
    const through = doubling(base, { sites: [added], settings: 0 });
    // The input of its own site is the outer context's to change, too: −(−x).
    expect(numbers(through.apply(outer, weights, noSide, x))).toEqual([0, 0]);
  });

  it('gives the stage other weights and side inputs', () => {
    const swapped = defineExtension((_: null, own) => ({
      weights: { ...own.weights, 'dense.bias': tf.tensor1d([100, 200]) },
      side: { ...noSide, readout: tf.scalar(5) } as SideInputs,
    }));
    const reading = defineStage((_: null, at, side, input) => at.use('dense', input!).mul(side.readout));
    const inner = reading({ name: 's', settings: null, sites: [dense] });
    const outer = swapped(inner, { sites: [], settings: null });
    expect(numbers(outer.apply(plainContext, weights, noSide, x))).toEqual([505, 1010]);
  });
});
