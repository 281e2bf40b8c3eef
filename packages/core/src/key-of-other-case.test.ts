import { expect, it } from 'vitest';
import { keyOfOtherCase } from './key-of-other-case.js';

it('a key is found in another case only where the wanted one is absent', () => {
  expect(keyOfOtherCase({ Hidden_act: 1 }, 'hidden_act')).toBe('Hidden_act');
  expect(keyOfOtherCase({ hidden_act: 1, Hidden_act: 2 }, 'hidden_act')).toBeUndefined();
  expect(keyOfOtherCase({ hidden_acts: 1 }, 'hidden_act')).toBeUndefined();
  expect(keyOfOtherCase({ constructor_: 1 }, 'Constructor')).toBeUndefined();
});
