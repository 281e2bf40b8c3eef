/** Bytes of an element of the types that the reader of safetensors takes. */
const elementBytes: Readonly<Record<string, number>> = { F64: 8, F32: 4, F16: 2, BF16: 2 };
const MOST_ELEMENTS = 10_000;

/** Bytes whose numbers are finite in every type of floats. */
const finiteBytes = (length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => [0, 0, 0x80, 0x3f][i % 4]!);

const elementsOf = (shape: unknown): number | undefined => {
  if (!Array.isArray(shape)) return undefined;
  const elements = shape.reduce((product: number, size) => product * Number(size), 1);
  return Number.isInteger(elements) && elements >= 0 && elements <= MOST_ELEMENTS ? elements : undefined;
};

/** A safetensors file of these header and data, whose first bytes give the right length. */
export const safetensorsBytes = (header: string, data: Uint8Array): Uint8Array => {
  const text = new TextEncoder().encode(header);
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.length);
  return bytes;
};

/** The same header with offsets that fit types and shapes, where it has any, and with data of that length. */
export const withRightOffsets = (header: string): Uint8Array => {
  let fields: unknown;
  try {
    fields = JSON.parse(header);
  } catch {
    return safetensorsBytes(header, new Uint8Array());
  }
  let end = 0;
  for (const tensor of Object.values(fields ?? {})) {
    const size = elementBytes[String(tensor?.dtype)];
    const elements = elementsOf(tensor?.shape);
    if (size === undefined || elements === undefined) continue;
    tensor.data_offsets = [end, (end += size * elements)];
  }
  return safetensorsBytes(JSON.stringify(fields), finiteBytes(end));
};

/** A `.npy` file of version 1 with this header, and with as many bytes of data as it says, where it says that. */
export const npyBytes = (header: string): Uint8Array => {
  const text = new TextEncoder().encode(`${header.padEnd(117)}\n`);
  const size = Number(/[<>|=]?[a-z](\d+)'/.exec(header)?.[1] ?? 8);
  const shape = /\(([\d\s,]*)\)/
    .exec(header)?.[1]
    ?.split(',')
    .flatMap((one) => one.trim() || []);
  const length = size * (elementsOf(shape) ?? 6);
  const bytes = new Uint8Array(10 + text.length + (length <= MOST_ELEMENTS * 8 ? length : 0));
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, text.length & 0xff, text.length >> 8]);
  bytes.set(text, 10);
  return bytes;
};
