import { mkdir, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Mt19937, sizeOf } from '@ntk-lens/core';
import { modelWithoutWeights, parseModelConfig } from '@ntk-lens/models';

/** Bytes of a shard, at most, unless one tensor has more. */
const SHARD_BYTES = 2 * 2 ** 30;

/** Random numbers that tensors are cut from; a prime, so that equal tensors differ. */
const NUMBERS = 4_194_319;

/** bfloat16 of normal numbers of deviation 0.02. */
const randomNumbers = (): Uint16Array => {
  const random = new Mt19937(0);
  const numbers = Float32Array.from({ length: NUMBERS }, () => 0.02 * random.standardNormal());
  const bits = new Uint32Array(numbers.buffer);
  return Uint16Array.from(bits, (word) => word >>> 16);
};

const ONE = 0x3f80;

/** Weights of a norm are ones, biases zeros. */
const isConstant = (name: string): number | undefined => {
  if (name.endsWith('bias')) return 0;
  return /norm/i.test(name) ? ONE : undefined;
};

/** Writes a model directory of a configuration with random bfloat16 weights, in shards as transformers writes them. */
export const writeShards = async (
  directory: string,
  config: Readonly<Record<string, unknown>>,
): Promise<void> => {
  await mkdir(directory, { recursive: true });
  const model = modelWithoutWeights(parseModelConfig(config));
  const stored = new Map([...model.parameters].map(([name, shape]) => [model.storedName(name), shape]));
  const shards: [string, readonly number[]][][] = [[]];
  let bytes = 0;
  for (const [name, shape] of stored) {
    bytes += 2 * sizeOf(shape);
    if (bytes > SHARD_BYTES && shards.at(-1)!.length > 0) {
      shards.push([]);
      bytes = 2 * sizeOf(shape);
    }
    shards.at(-1)!.push([name, shape]);
  }
  const numbers = randomNumbers();
  const map: Record<string, string> = {};
  let from = 0;
  for (const [i, tensors] of shards.entries()) {
    const part = (n: number) => String(n).padStart(5, '0');
    const file = `model-${part(i + 1)}-of-${part(shards.length)}.safetensors`;
    for (const [name] of tensors) map[name] = file;
    const handle = await open(join(directory, file), 'w');
    await handle.write(headerOf(tensors));
    for (const [name, shape] of tensors) {
      const constant = isConstant(name);
      const source = constant === undefined ? numbers : new Uint16Array(NUMBERS).fill(constant);
      for (let left = sizeOf(shape); left > 0; ) {
        const piece = source.subarray(from, from + left);
        await handle.write(new Uint8Array(piece.buffer, piece.byteOffset, piece.byteLength));
        left -= piece.length;
        from = (from + piece.length) % NUMBERS;
      }
    }
    await handle.close();
  }
  const index = { metadata: {}, weight_map: map };
  await writeFile(join(directory, 'model.safetensors.index.json'), JSON.stringify(index));
  // The last file: a directory that has it is whole.
  await writeFile(join(directory, 'config.json'), JSON.stringify(config));
};

const headerOf = (tensors: readonly (readonly [string, readonly number[]])[]): Uint8Array => {
  let offset = 0;
  const fields = tensors.map(([name, shape]) => {
    const start = offset;
    offset += 2 * sizeOf(shape);
    return [name, { dtype: 'BF16', shape, data_offsets: [start, offset] }] as const;
  });
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(fields)));
  const header = new Uint8Array(8 + Math.ceil(json.length / 8) * 8).fill(0x20);
  new DataView(header.buffer).setBigUint64(0, BigInt(header.length - 8), true);
  header.set(json, 8);
  return header;
};
