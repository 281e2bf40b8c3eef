import { group, option } from './declare.js';
import { toggle } from './kinds.js';

export const plan = group('command', 'Plan', {
  explain: option('--explain', toggle, 'prints the plan of the computation with its cost, and stops'),
});
