// Every architecture that can be loaded: adding one is a line here.
export * from './albert.js';
export * from './bert.js';
export * from './distilbert.js';
export * from './electra.js';
export * from './gpt-neo.js';
export * from './gpt2.js';
export * from './llama.js';
export * from './mpnet.js';
export * from './opt.js';
export * from './roberta.js';
export * from './xlm-roberta.js';
