export type { CheckedOptimizer } from '../../options/check.js';
