/** Name of the embedded model, the default. */
export const embeddedName = 'minilm-mlm';
