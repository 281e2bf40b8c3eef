/** The bytes of a safetensors file, for tests. */
export const safetensorsBytes = (
  tensors: readonly (readonly [name: string, dtype: string, shape: readonly number[], data: Uint8Array])[],
): Uint8Array => {
  let offset = 0;
  const header: Record<string, unknown> = {};
  for (const [name, dtype, shape, data] of tensors) {
    header[name] = { dtype, shape, data_offsets: [offset, (offset += data.length)] };
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length + offset);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  let at = 8 + json.length;
  for (const [, , , data] of tensors) {
    bytes.set(data, at);
    at += data.length;
  }
  return bytes;
};
