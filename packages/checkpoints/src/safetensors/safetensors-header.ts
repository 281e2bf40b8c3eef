import { sizeOf } from '@ntk-lens/core';
import { weightCaps } from '../caps.js';
import {
  TruncatedWeightFileError,
  UnsupportedDTypeError,
  WeightFileFormatError,
  WeightFileLimitError,
} from '../errors.js';
import { duplicateKey } from '../json/duplicate-key.js';
import { clip, shown } from '../json/shown.js';
import { type RandomAccess, readBytes, refuseStray } from '../source/random-access.js';
import { type StoredDType, storedBytes, type WeightInfo } from '../source/weight-source.js';

/** The checked contents of a safetensors header. */
export interface SafetensorsHeader {
  /** In order of their bytes in the file. */
  readonly tensors: ReadonlyMap<string, WeightInfo>;
  readonly metadata: ReadonlyMap<string, string>;
}

/** Reads and checks the header of a safetensors file. */
export const readSafetensorsHeader = async (access: RandomAccess): Promise<SafetensorsHeader> => {
  const { name, size } = access;
  await refuseStray(access, 'binary');
  const first = await readBytes(access, 0, Math.min(8, size));
  const json = await readBytes(access, 8, safetensorsHeaderLength(first, name, size));
  return parseSafetensorsHeader(json, name, size);
};

/**
 * Length of the JSON header, from the first 8 bytes of a safetensors file.
 *
 * @throws WeightFileLimitError, TruncatedWeightFileError
 */
export const safetensorsHeaderLength = (first: Uint8Array, file: string, fileBytes: number): number => {
  if (fileBytes < 8)
    throw new TruncatedWeightFileError(file, fileBytes, 8, 'a safetensors file has at least');
  const length = Number(new DataView(first.buffer, first.byteOffset, 8).getBigUint64(0, true));
  if (length > weightCaps.maxHeaderBytes) {
    throw new WeightFileLimitError(file, 'maxHeaderBytes', length, weightCaps.maxHeaderBytes);
  }
  if (8 + length > fileBytes)
    throw new TruncatedWeightFileError(file, fileBytes, 8 + length, 'its header ends at');
  return length;
};

/**
 * Parses and checks the JSON header of a safetensors file: known types, sizes that equal product × bytes,
 * byte ranges that cover the file without overlap or hole, no name twice.
 *
 * @param json the header's bytes
 * @param file named in errors and in every {@link WeightInfo}
 * @param fileBytes size of the whole file
 */
export const parseSafetensorsHeader = (
  json: Uint8Array,
  file: string,
  fileBytes: number,
): SafetensorsHeader => {
  const fields = parseObject(json, file);
  const dataStart = 8 + json.byteLength;
  const entries: { name: string; info: WeightInfo }[] = [];
  let metadata = new Map<string, string>();
  for (const [name, value] of Object.entries(fields)) {
    if (name === '__metadata__') {
      metadata = parseMetadata(value, file);
      continue;
    }
    if (entries.length === weightCaps.maxTensors) {
      throw new WeightFileLimitError(file, 'maxTensors', Object.keys(fields).length, weightCaps.maxTensors);
    }
    if (name.length > weightCaps.maxNameLength) {
      throw new WeightFileLimitError(file, 'maxNameLength', name.length, weightCaps.maxNameLength);
    }
    entries.push({ name, info: parseTensor(name, value, file, dataStart) });
  }
  // A zero-size tensor sorts before the one that starts at the same byte.
  entries.sort((a, b) => a.info.byteOffset - b.info.byteOffset || a.info.byteLength - b.info.byteLength);
  let position = dataStart;
  for (const { name, info } of entries) {
    if (info.byteOffset !== position) {
      const problem =
        info.byteOffset < position ? 'overlaps the tensor before it' : 'leaves a hole before it';
      throw new WeightFileFormatError(
        file,
        `tensor "${name}" at byte ${info.byteOffset - dataStart}, which ${problem}`,
        `byte ${position - dataStart}`,
      );
    }
    position += info.byteLength;
  }
  if (position > fileBytes) throw new TruncatedWeightFileError(file, fileBytes, position);
  if (position < fileBytes) {
    throw new WeightFileFormatError(
      file,
      `${fileBytes - position} bytes after the last tensor`,
      `a file of ${position} bytes`,
    );
  }
  return { tensors: new Map(entries.map(({ name, info }) => [name, info])), metadata };
};

const parseObject = (json: Uint8Array, file: string): Readonly<Record<string, unknown>> => {
  let text: string;
  let value: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(json);
    value = JSON.parse(text);
  } catch (cause) {
    throw new WeightFileFormatError(file, 'a header that is not JSON', 'a safetensors header', { cause });
  }
  if (!isRecord(value)) throw new WeightFileFormatError(file, `a header ${shown(value)}`, 'a JSON object');
  const twice = duplicateKey(text);
  if (twice !== undefined) {
    throw new WeightFileFormatError(file, `"${clip(twice)}" twice in the header`, 'every key once');
  }
  return value;
};

const parseMetadata = (value: unknown, file: string): Map<string, string> => {
  if (!isRecord(value) || Object.values(value).some((v) => typeof v !== 'string')) {
    throw new WeightFileFormatError(file, `__metadata__ ${shown(value)}`, 'an object of strings');
  }
  return new Map(Object.entries(value as Record<string, string>));
};

const parseTensor = (name: string, value: unknown, file: string, dataStart: number): WeightInfo => {
  const where = `tensor "${clip(name)}"`;
  if (!isRecord(value)) throw new WeightFileFormatError(file, `${where}: ${shown(value)}`, 'an object');
  const { dtype, shape, data_offsets: offsets } = value;
  if (typeof dtype !== 'string') {
    throw new WeightFileFormatError(file, `${where} with dtype ${shown(dtype)}`, 'the name of a type');
  }
  if (!Object.hasOwn(storedBytes, dtype)) {
    throw new UnsupportedDTypeError(file, clip(name), clip(dtype), Object.keys(storedBytes));
  }
  if (!isSizes(shape)) {
    throw new WeightFileFormatError(file, `${where} with shape ${shown(shape)}`, 'an array of sizes');
  }
  if (shape.length > weightCaps.maxDimensions) {
    throw new WeightFileLimitError(file, 'maxDimensions', shape.length, weightCaps.maxDimensions);
  }
  if (!isSizes(offsets) || offsets.length !== 2 || offsets[0]! > offsets[1]!) {
    throw new WeightFileFormatError(file, `${where} with data_offsets ${shown(offsets)}`, '[begin, end]');
  }
  const elements = sizeOf(shape);
  if (elements > weightCaps.maxElements) {
    throw new WeightFileLimitError(file, 'maxElements', elements, weightCaps.maxElements);
  }
  const byteLength = offsets[1]! - offsets[0]!;
  const expected = elements * storedBytes[dtype as StoredDType];
  if (byteLength !== expected) {
    throw new WeightFileFormatError(
      file,
      `${where} with ${byteLength} bytes`,
      `${expected} for ${dtype} of shape [${shape}]`,
    );
  }
  return {
    shape,
    dtype: dtype as StoredDType,
    file,
    byteOffset: dataStart + offsets[0]!,
    byteLength,
    contiguous: true,
  };
};

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isSizes = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);
