import * as z from 'zod';
import { type Complain, count, size } from './config-fields.js';
import { type DecoderConfig, decoderConfig, decoderFields } from './decoder.js';
import { type LayerWindows, layerWindows, windowFields } from './windows.js';

/** Fields of Qwen 2 and 3. */
export const qwenFields = {
  ...decoderFields,
  ...windowFields,
  num_key_value_heads: count.nullable().default(32),
  max_position_embeddings: size.default(32_768),
  use_sliding_window: z.boolean().default(false),
  sliding_window: size.nullable().default(4096),
  max_window_layers: z.number().int().min(0).default(28),
};

/** Their configuration. */
export interface QwenConfig extends DecoderConfig {
  readonly windows: LayerWindows;
}

export const qwenConfig = (
  fields: z.output<z.ZodObject<typeof qwenFields>>,
  complain: Complain,
): QwenConfig => {
  const { use_sliding_window: slides, max_window_layers: first, num_hidden_layers: layers } = fields;
  return {
    ...decoderConfig(fields, complain),
    windows: layerWindows(
      { ...fields, sliding_window: slides ? fields.sliding_window : null },
      layers,
      (i) => slides && fields.sliding_window !== null && i >= first,
      complain,
    ),
  };
};
