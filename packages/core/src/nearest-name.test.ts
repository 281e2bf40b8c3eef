import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { didYouMean, nearestName } from './nearest-name.js';

const commands = ['run', 'kernel', 'solve', 'finetune', 'check', 'zero-shot', 'tasks', 'models', 'doctor'];
const flags = ['--task', '--model', '--template', '--table', '--threads', '--text-columns', '--label-column'];

describe('the nearest name', () => {
  it.each<[string, string[], string]>([
    ...['rum', 'rnu', 'RUN', 'runn'].map((typo): [string, string[], string] => [typo, commands, 'run']),
    ['kernal', commands, 'kernel'],
    ['fine-tune', commands, 'finetune'],
    ['zeroshot', commands, 'zero-shot'],
    ['modles', commands, 'models'],
    ['docter', commands, 'doctor'],
    ['--tsak', flags, '--task'],
    ['--textcolumns', flags, '--text-columns'],
    ['--label-colum', flags, '--label-column'],
    ['--thread', flags, '--threads'],
    ['--output', ['--optimizer', '--out'], '--out'],
    ['ortcpu', ['ort-cuda', 'ort-cpu', 'tfjs-cpu'], 'ort-cpu'],
    ['lables', ['text', 'labels'], 'labels'],
    ['étiquete', ['texte', 'étiquette'], 'étiquette'],
  ])('of %s is found', (typo, known, expected) => {
    expect(nearestName(typo, known)).toBe(expected);
    expect(didYouMean(typo, known)).toBe(` Did you mean "${expected}"?`);
  });
  it.each<[string, string[]]>([
    ['xyz', commands],
    ['', commands],
    ['--', flags],
    ['ab', ['abacus']],
    ['sgd', ['svc', 'svr']],
    ['runtimes', ['run', 'kernel']],
    ['banana', ['orange', 'apple']],
  ])('of %s is none', (found, known) => {
    expect(nearestName(found, known)).toBeUndefined();
    expect(didYouMean(found, known)).toBe('');
  });
  it('of a name is the name itself, and of one edit of a long name is that name where others are far', () => {
    const known = ['alphabet', 'monument', 'quintessence', 'sycophant'];
    fc.assert(
      fc.property(fc.constantFrom(...known), fc.nat(), fc.constantFrom(...'xyzw'), (name, at, letter) => {
        const i = at % name.length;
        for (const typo of [
          name,
          name.slice(0, i) + name.slice(i + 1),
          name.slice(0, i) + letter + name.slice(i),
          name.slice(0, i) + letter + name.slice(i + 1),
        ])
          expect(nearestName(typo, known)).toBe(name);
      }),
    );
  });
  it('of a whole file as a name costs nothing', () => {
    expect(nearestName('x'.repeat(10_000_000), ['x'.repeat(5_000_000), 'y'])).toBe('x'.repeat(5_000_000));
  });
});
