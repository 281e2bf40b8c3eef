import { NtkLensError } from '@ntk-lens/core';

/** The server cannot be reached: no network, no such host, refused or reset. */
export class UnreachableError extends NtkLensError {
  static readonly code = 'UNREACHABLE';
  constructor(url: string, cause: unknown) {
    super(
      UnreachableError.code,
      'failure',
      `Cannot reach ${url} (${reason(cause)}). Check the network, or give a mirror as endpoint; data that are already on disk need no download.`,
      { cause },
    );
  }
}

/** The server answered, but not with the file. */
export class HttpStatusError extends NtkLensError {
  static readonly code = 'HTTP_STATUS';
  constructor(
    url: string,
    readonly status: number,
  ) {
    const advice =
      status === 404 || status === 410
        ? 'The file is no longer there; give a mirror as endpoint.'
        : 'Try again later.';
    super(HttpStatusError.code, 'failure', `${url}: found HTTP status ${status}, expected 200. ${advice}`);
  }
}

/** The connection ended before the file did. The bytes that arrived are kept. */
export class TruncatedDownloadError extends NtkLensError {
  static readonly code = 'TRUNCATED_DOWNLOAD';
  constructor(url: string, found: number, expected: number | undefined, cause?: unknown) {
    super(
      TruncatedDownloadError.code,
      'failure',
      `${url}: found ${found} bytes, expected ${expected ?? 'more'}. Run again to resume.`,
      { cause },
    );
  }
}

/** More bytes than the file has. */
export class OversizedDownloadError extends NtkLensError {
  static readonly code = 'OVERSIZED_DOWNLOAD';
  constructor(url: string, found: number, allowed: number) {
    super(
      OversizedDownloadError.code,
      'failure',
      `${url}: found ${found} bytes or more, expected at most ${allowed}. This is not the file; nothing was kept.`,
    );
  }
}

/** A download that is whole but not the one expected. */
export class ChecksumError extends NtkLensError {
  static readonly code = 'CHECKSUM';
  constructor(url: string, found: string, expected: string, origin: 'published' | 'recorded') {
    const advice =
      origin === 'published'
        ? 'The file was changed or damaged on its way; nothing was kept.'
        : 'The file is not the one of the first download; nothing was kept. Delete its entry in downloads.lock.json if the change is known.';
    super(
      ChecksumError.code,
      'failure',
      `${url}: found SHA-256 ${found}, expected ${expected} (${origin}). ${advice}`,
    );
  }
}

/** An archive that cannot be unpacked, or lacks a file. */
export class ArchiveError extends NtkLensError {
  static readonly code = 'ARCHIVE';
  constructor(file: string, found: string, expected: string, options?: ErrorOptions) {
    super(ArchiveError.code, 'failure', `${file}: found ${found}, expected ${expected}.`, options);
  }
}

/** A task whose data have no public address in the registry. */
export class NoSourceError extends NtkLensError {
  static readonly code = 'NO_SOURCE';
  constructor(task: string, known: readonly string[]) {
    super(
      NoSourceError.code,
      'input',
      `There is nothing to download for task "${task}". Tasks with a download: ${known.join(', ')}.`,
    );
  }
}

const reason = (cause: unknown): string => {
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  if (!(inner instanceof Error)) return String(inner);
  return 'code' in inner && typeof inner.code === 'string' ? inner.code : inner.message;
};
