import { QuantizedModelError, shown } from '@ntk-lens/checkpoints';

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

/** Fields of config.json in which programs that quantize leave their settings. */
const fields = ['quantization_config', 'compression_config'];

/** Name of a way to quantize, with its bits where the settings say them. */
const methodOf = (settings: unknown): string => {
  if (!isObject(settings)) return shown(settings);
  const { quant_method: method, bits, load_in_4bit: four, load_in_8bit: eight } = settings;
  const found = four === true ? 4 : eight === true ? 8 : bits;
  const name = method ?? (four === undefined && eight === undefined ? undefined : 'bitsandbytes');
  const known = typeof name === 'string' ? name.slice(0, 50) : 'a method that is not named';
  return typeof found === 'number' ? `${known}, ${found} bits` : known;
};

/**
 * Refuses the configuration of a model whose weights are stored quantized.
 *
 * @param value the JSON value of a config.json
 * @throws QuantizedModelError, which names the method
 */
export const refuseQuantized = (value: unknown, file: string): void => {
  if (!isObject(value)) return;
  for (const field of fields) {
    const settings = value[field] ?? undefined;
    if (settings !== undefined)
      throw new QuantizedModelError(
        file,
        `"${field}", by which weights are quantized (${methodOf(settings)})`,
      );
  }
};
