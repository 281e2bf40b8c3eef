import { stepKinds, widthExponents } from '@ntk-lens/models';
import { expect, it } from 'vitest';
import { updateRule } from './abc-optimizers.js';
import { namedParametrization } from './named-parametrization.js';

const roles = ['input', 'hidden', 'output'] as const;

it.each([
  ['ntk', 'sgd'],
  ['ntk', 'adam'],
  ['mup', 'sgd'],
  ['mup', 'adam'],
] as const)("folding the multipliers of %s with %s gives the models' own scales", (name, optimizer) => {
  const { layers } = namedParametrization(name, { optimizer, hiddenLayers: 2 });
  for (const [i, { a, b, c }] of layers.entries()) {
    const own = widthExponents(name, roles[i]!)!;
    expect(own.std).toBeCloseTo(-a.add(b).valueOf(), 12);
    expect(own[optimizer]).toBeCloseTo(
      -a
        .mul(1 + updateRule(optimizer).gradientPower)
        .add(c)
        .valueOf(),
      12,
    );
  }
});

it('the kinds of step of models use a gradient as the optimizers of the same names do', () => {
  for (const kind of ['sgd', 'adam'] as const)
    expect(updateRule(kind).gradientPower).toBe(stepKinds[kind].gradientPower);
});

it('mean-field has them for one hidden layer', () => {
  for (const optimizer of ['sgd', 'adam'] as const) {
    const { layers } = namedParametrization('mean-field', { optimizer, hiddenLayers: 1 });
    for (const [i, role] of (['input', 'output'] as const).entries()) {
      const { a, b, c } = layers[i]!;
      const own = widthExponents('mean-field', role)!;
      expect(own.std).toBeCloseTo(-a.add(b).valueOf(), 12);
      expect(own[optimizer]).toBeCloseTo(
        -a
          .mul(1 + updateRule(optimizer).gradientPower)
          .add(c)
          .valueOf(),
        12,
      );
    }
  }
});
