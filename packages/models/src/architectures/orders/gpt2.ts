import type { Gpt2Config } from '../../config/model-config.js';
import { both, count, one, type ParameterOrders } from './choices.js';

const block = ['ln_1', 'attn.c_attn', 'attn.c_proj', 'ln_2', 'mlp.c_fc', 'mlp.c_proj'];

/** GPT-2. */
export const gpt2Orders: ParameterOrders<Gpt2Config> = {
  orders: ({ layers, tieWordEmbeddings }) => [
    [
      one('transformer.wte.weight', 'transformer.wpe.weight'),
      one(...count(layers, (i) => both(block, `transformer.h.${i}.`))),
      one(...both(['transformer.ln_f'])),
      one(...(tieWordEmbeddings ? [] : ['lm_head.weight'])),
    ],
  ],
  unused: () => [],
};
