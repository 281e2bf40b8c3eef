import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { crc32 } from 'node:zlib';
import { ArchiveError } from './errors.js';

/** Larger members are not task data. */
const maxMemberBytes = 256 * 1024 * 1024;

/**
 * Reads the named members of a zip or tar file; the others are skipped. Names in the archive are only compared, never
 * used as paths.
 *
 * @returns member name → bytes
 * @throws ArchiveError if the archive is damaged, lacks a member, or has one larger than 256 MiB
 */
export const unpack = async (
  path: string,
  pack: 'zip' | 'tar',
  members: readonly string[],
): Promise<Map<string, Buffer>> => {
  const wanted = new Set(members);
  let found: Map<string, Buffer>;
  try {
    found = await (pack === 'zip' ? readZip(path, wanted) : readTar(path, wanted));
  } catch (error) {
    if (error instanceof ArchiveError) throw error;
    throw new ArchiveError(
      path,
      error instanceof Error ? error.message : String(error),
      `a ${pack} file that can be read`,
    );
  }
  const missing = members.filter((name) => !found.has(name));
  if (missing.length > 0)
    throw new ArchiveError(path, `no ${missing.join(', ')}`, `all of ${members.join(', ')}`);
  return found;
};

const checkSize = (path: string, name: string, size: number): void => {
  if (size > maxMemberBytes) {
    throw new ArchiveError(path, `${size} bytes in ${name}`, `at most ${maxMemberBytes}`);
  }
};

const collect = async (path: string, name: string, stream: AsyncIterable<unknown>): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += (chunk as Buffer).length;
    checkSize(path, name, size);
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
};

const readZip = async (path: string, wanted: ReadonlySet<string>): Promise<Map<string, Buffer>> => {
  const found = new Map<string, Buffer>();
  const { openPromise } = await import('yauzl');
  const zip = await openPromise(path, { autoClose: false, lazyEntries: true });
  try {
    for await (const entry of zip.eachEntry()) {
      if (!wanted.has(entry.fileName)) continue;
      checkSize(path, entry.fileName, entry.uncompressedSize);
      const content = await collect(path, entry.fileName, await zip.openReadStreamPromise(entry));
      if (crc32(content) !== entry.crc32)
        throw new ArchiveError(path, `${entry.fileName} with a wrong checksum`, 'an undamaged archive');
      found.set(entry.fileName, content);
      if (found.size === wanted.size) break;
    }
  } finally {
    zip.close();
  }
  return found;
};

const readTar = async (path: string, wanted: ReadonlySet<string>): Promise<Map<string, Buffer>> => {
  const found = new Map<string, Buffer>();
  const { createTarDecoder } = await import('modern-tar');
  const bytes = Readable.toWeb(createReadStream(path)) as ReadableStream<Uint8Array>;
  for await (const { header, body } of bytes.pipeThrough(createTarDecoder({ strict: true }))) {
    const name = header.name.replace(/^\.\//, '');
    if (wanted.has(name) && header.type === 'file') found.set(name, await collect(path, name, body));
    else await body.cancel();
  }
  return found;
};
