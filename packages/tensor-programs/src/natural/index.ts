export { type OutputDerivatives, outputDerivatives } from './output-derivatives.js';
