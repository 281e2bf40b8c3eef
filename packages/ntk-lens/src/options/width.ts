import { group, option } from './declare.js';
import { repeated, text, toggle } from './kinds.js';

/** Checks over several widths. */
export const width = group('command', 'Width', {
  ladder: option(
    '--ladder <dir...>',
    repeated(text),
    'fits how each quantity scales with width, over a ladder written by "pretrain" or over your own models of different widths; takes --steps (default: 1), --sgd-lr and --adam-lr (of SignGD)',
  ),
  twoLayer: option(
    '--two-layer',
    toggle,
    'checks a network of two layers, without a model, by medians of 30 draws at widths 64, 1024 and 16384 and their exponents; takes --out, --table and --json',
  ),
});
