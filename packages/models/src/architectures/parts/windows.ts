import * as z from 'zod';
import { type Complain, maxLayers, name, size } from './config-fields.js';

/** Fields that say which layers attend to the last tokens alone, as transformers 4 and 5 write them. */
export const windowFields = {
  sliding_window: size.nullish(),
  layer_types: z.array(name).max(maxLayers).nullish(),
};
type WindowFields = z.output<z.ZodObject<typeof windowFields>>;

/** Tokens that each layer attends to, counted back from the token itself; null for all of them. */
export type LayerWindows = readonly (number | null)[];

const kinds = ['full_attention', 'sliding_attention'];

/**
 * The windows of the layers, by `layer_types` where the configuration has them.
 *
 * @param slides says of the other configurations which layers have a window
 */
export const layerWindows = (
  { sliding_window: window, layer_types: types }: WindowFields,
  layers: number,
  slides: (index: number) => boolean,
  complain: Complain,
): LayerWindows => {
  const unknown = types?.find((type) => !kinds.includes(type));
  if (unknown !== undefined) complain(`layer_types with "${unknown}"`, `only ${kinds.join(' and ')}`);
  if (types && types.length !== layers)
    complain(`${types.length} layer_types for ${layers} layers`, 'one each');
  return Array.from({ length: layers }, (_, i) => {
    if (!(types ? types[i] === 'sliding_attention' : slides(i))) return null;
    return window ?? complain('layers with sliding_attention and no sliding_window', 'its size');
  });
};
