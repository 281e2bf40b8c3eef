import { isError, isNtkLensError } from '@ntk-lens/core';
import { concatenated } from '../bytes.js';
import { UnsupportedDTypeError } from '../errors.js';
import type { WeightInfo } from '../source/weight-source.js';
import { parseSafetensorsHeader, safetensorsHeaderLength } from './safetensors-header.js';

/** Takes the bytes of a file in their order. */
export type Watch = (chunk: Uint8Array, position: number) => Promise<void>;

/**
 * Waits for the header of a safetensors file of which the bytes are arriving. Bytes that are none are left to those who read the
 * whole file.
 *
 * @param file named in errors
 * @param fileBytes size of the whole file
 * @param onHeader may refuse the file, which ends what brings its bytes
 * @throws UnsupportedDTypeError, and what `onHeader` throws
 */
export const headerWatch = (
  file: string,
  fileBytes: number,
  onHeader: (tensors: ReadonlyMap<string, WeightInfo>) => Promise<void>,
): Watch => {
  const chunks: Uint8Array[] = [];
  let have = 0;
  let end: number | undefined;
  let done = false;
  return async (chunk, position) => {
    // The start was there before, or the header is read.
    if (done || position !== have) return;
    chunks.push(chunk.slice());
    have += chunk.length;
    if (have < (end ?? 8)) return;
    const bytes = concatenated(chunks);
    const tensors = orNothing(() => {
      end ??= 8 + safetensorsHeaderLength(bytes.subarray(0, 8), file, fileBytes);
      return have < end ? undefined : parseSafetensorsHeader(bytes.subarray(8, end), file, fileBytes).tensors;
    });
    done = end === undefined || have >= end;
    if (tensors) await onHeader(tensors);
  };
};

const orNothing = <T>(read: () => T): T | undefined => {
  try {
    return read();
  } catch (error) {
    if (isNtkLensError(error) && !isError(error, UnsupportedDTypeError)) return undefined;
    throw error;
  }
};
