import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitPowerLaw } from '../statistics/power-law.js';
import { type AbcAssignment, abcAssignment } from './abc-assignment.js';
import { type AbcRegime, classifyAbc } from './classify-abc.js';
import { largestStableRate } from './largest-stable-rate.js';
import { type AbcName, abcNames, namedParametrization } from './named-parametrization.js';
import { shiftAbc } from './shift-abc.js';
import { trainPerceptron } from './testing/train-perceptron.js';

/** Yang & Hu 2021, table 1 and §3; for Adam the counterparts of Yang & Littwin 2023. */
const published: readonly {
  name: AbcName;
  optimizer: 'sgd' | 'adam';
  hiddenLayers: number;
  regime: AbcRegime;
  r: string;
  initialFunction: string;
}[] = [
  {
    name: 'standard',
    optimizer: 'sgd',
    hiddenLayers: 3,
    regime: 'kernel',
    r: '1/2',
    initialFunction: 'Gaussian process',
  },
  {
    name: 'standard-constant-rate',
    optimizer: 'sgd',
    hiddenLayers: 3,
    regime: 'unstable',
    r: '-1',
    initialFunction: 'Gaussian process',
  },
  {
    name: 'ntk',
    optimizer: 'sgd',
    hiddenLayers: 3,
    regime: 'kernel',
    r: '1/2',
    initialFunction: 'Gaussian process',
  },
  {
    name: 'ntk',
    optimizer: 'sgd',
    hiddenLayers: 1,
    regime: 'kernel',
    r: '1/2',
    initialFunction: 'Gaussian process',
  },
  {
    name: 'mean-field',
    optimizer: 'sgd',
    hiddenLayers: 1,
    regime: 'feature learning',
    r: '0',
    initialFunction: 'zero',
  },
  {
    name: 'mup',
    optimizer: 'sgd',
    hiddenLayers: 1,
    regime: 'feature learning',
    r: '0',
    initialFunction: 'zero',
  },
  {
    name: 'mup',
    optimizer: 'sgd',
    hiddenLayers: 3,
    regime: 'feature learning',
    r: '0',
    initialFunction: 'zero',
  },
  {
    name: 'standard',
    optimizer: 'adam',
    hiddenLayers: 3,
    regime: 'kernel',
    r: '1/2',
    initialFunction: 'Gaussian process',
  },
  {
    name: 'standard-constant-rate',
    optimizer: 'adam',
    hiddenLayers: 3,
    regime: 'unstable',
    r: '-1',
    initialFunction: 'Gaussian process',
  },
  {
    name: 'ntk',
    optimizer: 'adam',
    hiddenLayers: 3,
    regime: 'kernel',
    r: '1/2',
    initialFunction: 'Gaussian process',
  },
  {
    name: 'mean-field',
    optimizer: 'adam',
    hiddenLayers: 1,
    regime: 'feature learning',
    r: '0',
    initialFunction: 'zero',
  },
  {
    name: 'mup',
    optimizer: 'adam',
    hiddenLayers: 3,
    regime: 'feature learning',
    r: '0',
    initialFunction: 'zero',
  },
];

describe('published classifications', () => {
  it.each(published)(
    '$name, $optimizer, $hiddenLayers hidden: $regime, r = $r',
    ({ name, optimizer, hiddenLayers, ...expected }) => {
      const found = classifyAbc(namedParametrization(name, { optimizer, hiddenLayers }));
      expect({
        regime: found.regime,
        r: found.r.toFraction(),
        initialFunction: found.initialFunction,
      }).toEqual(expected);
    },
  );

  it('the largest stable rate of the standard parametrization is of order 1/n for SGD', () => {
    for (const hiddenLayers of [1, 2, 5]) {
      const { layers } = namedParametrization('standard', { optimizer: 'sgd', hiddenLayers });
      expect(layers.map(({ c }) => c.toFraction())).toEqual(layers.map(() => '1'));
    }
  });

  it('every matrix but the last learns features in μP; only hidden ones can in the standard parametrization', () => {
    for (const optimizer of ['sgd', 'adam'] as const) {
      const mup = classifyAbc(namedParametrization('mup', { optimizer, hiddenLayers: 3 }));
      expect(mup.layers.map(({ ownChange }) => ownChange.toFraction())).toEqual(['0', '0', '0', '0']);
      const ntk = classifyAbc(namedParametrization('ntk', { optimizer, hiddenLayers: 3 }));
      expect(ntk.layers.map(({ ownChange }) => ownChange.toFraction())).toEqual(['1/2', '1/2', '1/2', '0']);
    }
    const standard = classifyAbc(namedParametrization('standard', { optimizer: 'sgd', hiddenLayers: 2 }));
    expect(standard.layers.map(({ ownChange }) => ownChange.toFraction())).toEqual(['3/2', '1/2', '0']);
  });

  it('mean-field is μP of one hidden layer, up to the symmetry', () => {
    for (const optimizer of ['sgd', 'adam'] as const) {
      const meanField = namedParametrization('mean-field', { optimizer, hiddenLayers: 1 });
      const mup = namedParametrization('mup', { optimizer, hiddenLayers: 1 });
      const theta = optimizer === 'sgd' ? '-1/2' : 0;
      expect(shiftAbc(meanField, theta)).toEqual(mup);
    }
  });
});

describe('on a natural task', () => {
  const mup = (optimizer: 'sgd' | 'adam', rate: string): AbcAssignment => {
    const { layers } = namedParametrization('mup', { optimizer, hiddenLayers: 2 });
    return { optimizer, layers: layers.map((layer) => ({ ...layer, c: layer.c.add(rate) })) };
  };
  const half = { lossDerivative: '1/2' };

  it('SGD of μP is a kernel method with η = Θ(1), sign descent only when η falls with width (docs/theory.md)', () => {
    expect(classifyAbc(mup('sgd', '0'), half)).toMatchObject({ regime: 'kernel', nontrivial: true });
    expect(classifyAbc(mup('adam', '0'), half)).toMatchObject({ regime: 'feature learning' });
    expect(classifyAbc(mup('adam', '1/2'), half)).toMatchObject({ regime: 'kernel', nontrivial: true });
    expect(classifyAbc(mup('adam', '1'), half)).toMatchObject({ regime: 'trivial', stable: true });
  });
});

const exponents = fc
  .tuple(fc.integer({ min: -6, max: 6 }), fc.constantFrom(1, 2, 3, 4))
  .map(([p, q]) => `${p}/${q}`);
const assignments = fc
  .tuple(fc.constantFrom('sgd' as const, 'adam' as const), fc.integer({ min: 2, max: 5 }))
  .chain(([optimizer, count]) => {
    const list = fc.array(exponents, { minLength: count, maxLength: count });
    return fc.tuple(list, list, list).map(([a, b, c]) => abcAssignment({ optimizer, a, b, c }));
  });
/** With activations of order 1 and logits that do not blow up at initialization. */
const stableStarts = fc.tuple(assignments, fc.constantFrom('1/2', '2/3', '1', '3/2')).map(([abc, start]) => ({
  ...abc,
  layers: abc.layers.map(({ a, c }, l) => {
    const sum = l === abc.layers.length - 1 ? start : l === 0 ? '0' : '1/2';
    return { a, c, b: a.neg().add(sum) };
  }),
}));

describe('properties', () => {
  it('the symmetry (a + θ, b − θ, c − 2θ or c − θ) changes only the sizes of gradients', () => {
    fc.assert(
      fc.property(assignments, fc.array(exponents, { minLength: 5, maxLength: 5 }), (abc, theta) => {
        const without = ({ layers, violations, ...rest }: ReturnType<typeof classifyAbc>) => ({
          ...rest,
          violations,
          layers: layers.map(({ gradient: _, ...layer }) => layer),
        });
        const moved = shiftAbc(abc, theta.slice(0, abc.layers.length));
        expect(without(classifyAbc(moved))).toEqual(without(classifyAbc(abc)));
      }),
    );
  });

  it('the largest stable rate is stable, and unstable when any larger', () => {
    fc.assert(
      fc.property(stableStarts, (abc) => {
        const largest = largestStableRate(abc);
        const found = classifyAbc(largest);
        expect(found.violations).toEqual([]);
        const larger = largest.layers.map((layer) => ({ ...layer, c: layer.c.sub('1/1000') }));
        expect(classifyAbc({ ...largest, layers: larger }).stable).toBe(false);
      }),
    );
  });

  it('every assignment is in one regime: stable and non-trivial means r = 0 or r > 0', () => {
    fc.assert(
      fc.property(stableStarts, (abc) => {
        const { stable, nontrivial, regime, r, initialFunction } = classifyAbc(abc);
        expect(regime === 'unstable').toBe(!stable);
        if (regime === 'trivial') expect(nontrivial).toBe(false);
        if (regime === 'feature learning') {
          expect(r.toFraction()).toBe('0');
          // What learns features starts from the zero function (Yang & Hu 2021, corollary of the dichotomy).
          expect(initialFunction).toBe('zero');
        }
        if (regime === 'kernel') expect(r.gt(0)).toBe(true);
      }),
    );
  });
});

describe('trained perceptrons', () => {
  const widths = [64, 128, 256, 384];
  const seeds = [0, 1, 2, 3];
  const measure = (assignment: AbcAssignment) => {
    const runs = widths.map((width) => ({
      width,
      runs: seeds.map((seed) => trainPerceptron({ assignment, width, seed, steps: 2, rate: 0.2 })),
    }));
    const slope = (value: (run: ReturnType<typeof trainPerceptron>) => number) =>
      fitPowerLaw(
        runs.map(({ width, runs }) => ({ width, values: runs.map((run) => Math.abs(value(run))) })),
        {
          draws: 1,
        },
      ).slope;
    return slope;
  };
  const cases: readonly [string, AbcAssignment][] = [
    ...(['sgd', 'adam'] as const).flatMap((optimizer) =>
      [1, 2].flatMap((hiddenLayers) =>
        (['standard', 'ntk', 'mup', ...(hiddenLayers === 1 ? ['mean-field' as const] : [])] as const).map(
          (name): [string, AbcAssignment] => [
            `${name}, ${optimizer}, ${hiddenLayers} hidden`,
            namedParametrization(name, { optimizer, hiddenLayers }),
          ],
        ),
      ),
    ),
    // Rates of layers apart, and an output matrix whose updates are larger than its initial entries.
    [
      'sgd, uneven',
      abcAssignment({ optimizer: 'sgd', a: [0, 0, '1/2'], b: [0, '1/2', '3/4'], c: ['0', '1', '1/4'] }),
    ],
    [
      'adam, uneven',
      abcAssignment({ optimizer: 'adam', a: [0, 0, 0], b: [0, '1/2', '3/4'], c: ['1/2', '5/4', '1'] }),
    ],
    ['trivial', abcAssignment({ optimizer: 'sgd', a: [0, 0, 0], b: [0, '1/2', '1/2'], c: '3/2' })],
  ];

  it.each(cases)('%s: sizes of changes grow with width as the exponents say', (_, assignment) => {
    const { layers } = classifyAbc(assignment);
    const slope = measure(assignment);
    for (const [l, { change }] of layers.slice(0, -1).entries()) {
      expect(
        Math.abs(slope((run) => run.changes[l]!) + change.valueOf()),
        `change of h_${l + 1}`,
      ).toBeLessThan(0.12);
      expect(Math.abs(slope((run) => run.activations[l]!)), `h_${l + 1}`).toBeLessThan(0.1);
    }
    expect(
      Math.abs(slope((run) => run.logitChange) + layers.at(-1)!.change.valueOf()),
      'change of f',
    ).toBeLessThan(0.12);
  });

  it('standard parametrization at a constant rate blows up, as it is classified', () => {
    const slope = measure(
      namedParametrization('standard-constant-rate', { optimizer: 'sgd', hiddenLayers: 1 }),
    );
    expect(slope((run) => run.logitChange)).toBeGreaterThan(0.8);
  });

  it('the symmetry leaves the trained function as it is', () => {
    for (const optimizer of ['sgd', 'adam'] as const) {
      const assignment = namedParametrization('mup', { optimizer, hiddenLayers: 2 });
      const run = (abc: AbcAssignment) =>
        trainPerceptron({ assignment: abc, width: 37, seed: 5, steps: 4, rate: 0.3 }).logits;
      const moved = run(shiftAbc(assignment, ['1/3', '-1/2', '2/5']));
      for (const [step, logit] of run(assignment).entries()) expect(moved[step]).toBeCloseTo(logit, 10);
    }
  });
});

describe('refused', () => {
  it.each([
    [() => abcAssignment({ optimizer: 'sgd', a: [0], b: [0], c: 0 }), /two or more/],
    [() => abcAssignment({ optimizer: 'sgd', a: [0, 0], b: [0], c: 0 }), /b: found "1 exponents"/],
    [() => abcAssignment({ optimizer: 'sgd', a: [0, 0], b: [0, 0], c: [1, 2, 3] }), /c: found "3 exponents"/],
    [() => abcAssignment({ optimizer: 'sgd', a: [0, 'half'], b: [0, 0], c: 0 }), /a_2.*"half"/],
    [
      () => namedParametrization('mean-field', { optimizer: 'sgd', hiddenLayers: 2 }),
      /mean-field is defined for one/,
    ],
    [() => namedParametrization('mup', { optimizer: 'sgd', hiddenLayers: 0 }), /positive integer/],
    [() => namedParametrization('mup', { optimizer: 'lion' as 'adam', hiddenLayers: 1 }), /lion.*sgd, adam/],
    [() => abcAssignment({ optimizer: 'toString' as 'adam', a: [0, 0], b: [0, 0], c: 0 }), /sgd, adam/],
    [() => largestStableRate(abcAssignment({ optimizer: 'sgd', a: [0, 0], b: [1, '1/2'], c: 0 })), /vanish/],
  ])('%#', (make, message) => {
    expect(make).toThrow(message);
  });

  it('names every broken condition', () => {
    const broken = abcAssignment({ optimizer: 'adam', a: [1, 0, 0], b: [0, 0, 0], c: 0 });
    expect(classifyAbc(broken).violations).toHaveLength(6);
    expect(abcNames).toContain('mup');
  });
});
