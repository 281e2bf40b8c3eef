export * from './index.js';
export { loadTokenizer } from './node/load-tokenizer.js';
