import type { tf } from '@ntk-lens/engine';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { embeddingSite } from '../sites/embedding.js';
import { linearSite } from '../sites/linear.js';
import { normSite } from '../sites/norm.js';
import type { Site } from '../sites/site.js';
import { defineExtension, defineStage } from './define-stage.js';
import type { Stage } from './stage.js';

interface Settings {
  readonly factor: number;
  readonly names?: readonly string[];
}

const scaled = defineStage(({ factor }: Settings, at, _side, x) => at.use('dense', x!).mul(factor));
const sameFunction = defineStage(({ factor }: Settings, at, _side, x) => at.use('dense', x!).mul(factor));
const dense = linearSite('dense', 'module', 2, 2);
const stageOf = (settings: Settings, ...sites: readonly Site[]): Stage =>
  scaled({ name: 'layer.0', settings, sites: sites.length > 0 ? sites : [dense] });
const base = stageOf({ factor: 2 });

describe('identity', () => {
  it('is equal for equal settings and structures of sites', () => {
    expect(stageOf({ factor: 2 }, linearSite('dense', 'module', 2, 2)).identity).toBe(base.identity);
    expect(scaled({ name: 'layer.7', settings: { factor: 2 }, sites: [dense] }).identity).toBe(base.identity);
  });

  it('does not depend on which parameters of a checkpoint the sites use', () => {
    const elsewhere = stageOf({ factor: 2 }, linearSite('dense', 'other.module', 2, 2));
    expect(elsewhere.identity).toBe(base.identity);
    const part = { rows: [1, 0] };
    const cut = stageOf({ factor: 2 }, { ...dense, weight: { ...dense.weight, shape: [9, 2], part } });
    expect(cut.identity).toBe(base.identity);
  });

  const { bias: _bias, ...unbiased } = dense;
  const norm = normSite('norm', 'module', 2, 1e-5);
  const { eps: _eps, ...unstandardized } = norm;
  const { shift: _shift, ...unshifted } = norm;
  const table = { name: 'table', shape: [3, 2] };
  it.each<[string, Stage, Stage]>([
    ['a setting', base, stageOf({ factor: 3 })],
    ['a sign of zero', stageOf({ factor: 0 }), stageOf({ factor: -0 })],
    ['a list', stageOf({ factor: 2, names: ['a', 'b'] }), stageOf({ factor: 2, names: ['a,b'] })],
    ['the definition', base, sameFunction({ name: 'layer.0', settings: { factor: 2 }, sites: [dense] })],
    ['inFirst', base, stageOf({ factor: 2 }, { ...dense, inFirst: true })],
    ['zeroBias', base, stageOf({ factor: 2 }, linearSite('dense', 'module', 2, 2, { zeroBias: true }))],
    ['a bias', base, stageOf({ factor: 2 }, unbiased)],
    ['the name of a site', base, stageOf({ factor: 2 }, { ...dense, name: 'dense2' })],
    ['one site more', base, stageOf({ factor: 2 }, dense, norm)],
    ['the order of sites', stageOf({ factor: 2 }, dense, norm), stageOf({ factor: 2 }, norm, dense)],
    ['eps', stageOf({ factor: 2 }, norm), stageOf({ factor: 2 }, { ...norm, eps: 1e-6 })],
    ['no eps', stageOf({ factor: 2 }, norm), stageOf({ factor: 2 }, unstandardized)],
    ['a shift', stageOf({ factor: 2 }, norm), stageOf({ factor: 2 }, unshifted)],
    [
      'what looks rows up',
      stageOf({ factor: 2 }, embeddingSite('e', 'ids', table)),
      stageOf({ factor: 2 }, embeddingSite('e', 'types', table)),
    ],
  ])('differs by %s', (_, a, b) => {
    expect(a.identity).not.toBe(b.identity);
  });

  it('refuses settings that hold a function', () => {
    const applying = defineStage((f: { readonly f: (x: tf.Tensor) => tf.Tensor }, _at, _side, x) => f.f(x!));
    expect(() => applying({ name: 's', settings: { f: (x) => x.neg() }, sites: [] })).toThrow(
      /is a function/,
    );
  });

  it('is equal exactly where settings and structures are, whatever is drawn', () => {
    const draws = fc.record({
      factor: fc.constantFrom(0, 1, 2, Number.NaN),
      module: fc.constantFrom('a', 'b'),
      site: fc.constantFrom('dense', 'other'),
      inFirst: fc.boolean(),
      zeroBias: fc.boolean(),
      eps: fc.constantFrom(undefined, 1e-5, 1e-12),
    });
    const made = ({
      factor,
      module,
      site,
      inFirst,
      zeroBias,
      eps,
    }: typeof draws extends fc.Arbitrary<infer D> ? D : never) => {
      const { eps: _, ...norm } = normSite('norm', module, 2, 1);
      return stageOf(
        { factor },
        { ...linearSite(site, module, 2, 2), inFirst, zeroBias },
        { ...norm, ...(eps !== undefined && { eps }) },
      );
    };
    fc.assert(
      fc.property(draws, draws, (a, b) => {
        const { module: _a, ...one } = a;
        const { module: _b, ...other } = b;
        const same = Object.values(one).every((value, i) => Object.is(value, Object.values(other)[i]));
        expect(made(a).identity === made(b).identity).toBe(same);
      }),
      { numRuns: 500 },
    );
  });
});

describe('identity of an extended stage', () => {
  const added = defineExtension((_: { readonly by: number; readonly inner?: Stage }) => ({}));
  const twin = defineExtension((_: { readonly by: number }) => ({}));
  const own = linearSite('lora', 'lora', 2, 2);
  const extended = added(base, { sites: [own], settings: { by: 1 } });

  it('is equal for equal settings and sites, and differs from the stage’s', () => {
    const renamed = linearSite('lora', 'elsewhere', 2, 2);
    expect(added(stageOf({ factor: 2 }), { sites: [renamed], settings: { by: 1 } }).identity).toBe(
      extended.identity,
    );
    expect(extended.identity).not.toBe(base.identity);
  });

  it.each<[string, Stage]>([
    ['its settings', added(base, { sites: [own], settings: { by: 2 } })],
    ['an object in them', added(base, { sites: [own], settings: { by: 1, inner: base } })],
    ['the stage', added(stageOf({ factor: 3 }), { sites: [own], settings: { by: 1 } })],
    ['its sites', added(base, { sites: [{ ...own, inFirst: true }], settings: { by: 1 } })],
    ['its definition', twin(base, { sites: [own], settings: { by: 1 } })],
    [
      'weights of its own',
      added(base, { sites: [own], settings: { by: 1 }, weights: { v: { name: 'v', shape: [1] } } }),
    ],
    ['itself, once more', added(extended, { sites: [], settings: { by: 1 } })],
  ])('differs by %s', (_, other) => {
    expect(other.identity).not.toBe(extended.identity);
  });

  it('goes by the identity of an object in the settings', () => {
    const inside = (inner: Stage) => added(base, { sites: [own], settings: { by: 1, inner } }).identity;
    expect(inside(stageOf({ factor: 2 }))).toBe(inside(base));
    expect(inside(stageOf({ factor: 4 }))).not.toBe(inside(base));
  });
});
