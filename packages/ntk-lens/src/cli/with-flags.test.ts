import { IndefiniteKernelError } from '@ntk-lens/solvers';
import { describe, expect, it } from 'vitest';
import { pathOf } from './program.js';
import { withFlags } from './with-flags.js';

const command = (...words: readonly string[]) => pathOf(words).at(-1)!;

describe('an error of a library', () => {
  it('names the flags of the command that ran', () => {
    const { message } = new IndefiniteKernelError(-1, 1);
    expect(withFlags(message, command('solve'))).toMatch(/or say --allow-indefinite to solve it anyway/);
    expect(withFlags('Raise `memory` or lower `batchSize`.', command('kernel'))).toBe(
      'Raise --memory or lower --batch.',
    );
    expect(withFlags('runtime: found "abacus".', command('run'))).toBe('--runtime: found "abacus".');
    expect(withFlags('Leave `clipNorm` out.', command('finetune'))).toBe('Leave --clip out.');
  });
  it('keeps what is no option of the command', () => {
    for (const text of ['Raise `memory`.', 'threads: found 0.', 'Set `nothing: true`, `a b`.'])
      expect(withFlags(text, command('convert'))).toBe(text);
  });
});
