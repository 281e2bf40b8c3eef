// Every architecture that can be loaded: adding one is a line here.
export * from './albert.js';
export * from './bert.js';
export * from './distilbert.js';
export * from './electra.js';
export * from './gemma2.js';
export * from './gemma3-text.js';
export * from './gpt-neo.js';
export * from './gpt2.js';
export * from './llama.js';
export * from './mistral.js';
export * from './mpnet.js';
export * from './olmo2.js';
export * from './opt.js';
export * from './qwen2.js';
export * from './qwen3.js';
export * from './roberta.js';
export * from './xlm-roberta.js';
