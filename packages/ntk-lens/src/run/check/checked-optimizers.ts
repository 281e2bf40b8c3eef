export { type CheckedOptimizer, checkedOptimizers } from '../../options/check.js';
