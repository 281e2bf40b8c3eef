import { formulaNames, formulas, type KernelFormula } from '@ntk-lens/kernels/formulas';
import { expect, it } from 'vitest';
import { addsUp, isInnerProduct, needsOneOutput, scalesParameters } from './formula-traits.js';

const those = (having: (formula: KernelFormula) => boolean) =>
  formulaNames.filter((name) => having(formulas[name]));

it('what follows from a formula follows from its maps', () => {
  expect(those(needsOneOutput)).toEqual(['a-signgd']);
  expect(those(scalesParameters)).toEqual(['adam']);
  expect(those((formula) => !addsUp(formula))).toEqual(['cosine']);
  // Signs are not linear, D is not the identity, and lengths of projected gradients are not those of gradients.
  expect(those(isInnerProduct)).toEqual(['sgd']);
});
