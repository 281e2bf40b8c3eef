import { parametrizationNames, type WidthRole, widthExponents } from '@ntk-lens/models';
import { expect, it } from 'vitest';
import { namedParametrization } from './named-parametrization.js';
import { shiftAbc } from './shift-abc.js';

const rolesOf = (hiddenLayers: number): readonly WidthRole[] =>
  hiddenLayers === 1 ? ['input', 'output'] : ['input', 'hidden', 'output'];

it('what models are initialized and trained by is the (a, b, c) of the name with the multipliers folded in', () => {
  for (const name of parametrizationNames) {
    const hiddenLayers = name === 'mean-field' ? 1 : 2;
    for (const optimizer of ['sgd', 'adam'] as const) {
      const abc = namedParametrization(name === 'standard' ? 'standard-constant-rate' : name, {
        optimizer,
        hiddenLayers,
      });
      const folded = shiftAbc(
        abc,
        abc.layers.map(({ a }) => a.neg()),
      );
      for (const [l, role] of rolesOf(hiddenLayers).entries()) {
        const { a, b, c } = folded.layers[l]!;
        const exponents = widthExponents(name, role)!;
        expect([a, b.neg(), c.neg()].map(Number), `${name}, ${optimizer}, ${role}`).toEqual(
          [0, exponents.std, exponents[optimizer]].map((e) => e + 0),
        );
      }
    }
  }
});
