import { NtkLensError } from '@ntk-lens/core';

/** A name that is neither a directory nor a model that can be found; lists what is here. */
export class ModelNotFoundError extends NtkLensError {
  static readonly code = 'MODEL_NOT_FOUND';
  constructor(name: string, reason: string, local: readonly string[]) {
    const here = local.length === 0 ? 'none' : local.slice(0, 30).join(', ');
    super(
      ModelNotFoundError.code,
      'input',
      `Model "${name}" was not found: ${reason}. Expected a model directory, or a Hub id such as "roberta-base" or "FacebookAI/roberta-base". Models here: ${here}.`,
    );
  }
}

/** The Hub has the model but not this revision, or not this file. */
export class HubEntryNotFoundError extends NtkLensError {
  static readonly code = 'HUB_ENTRY_NOT_FOUND';
  constructor(what: string, expected: string) {
    super(HubEntryNotFoundError.code, 'input', `${what} does not exist on the Hub, expected ${expected}.`);
  }
}

/** The Hub refuses: a token is missing, wrong, or lacks the rights (gated model). */
export class HubAccessError extends NtkLensError {
  static readonly code = 'HUB_ACCESS';
  constructor(model: string, status: number, gated: boolean) {
    const todo = gated
      ? 'The model is gated: accept its terms on its Hub page, then run "hf auth login", or set HF_TOKEN to a token of that account.'
      : 'Check the name, and run "hf auth login", or set HF_TOKEN to a token that may read it.';
    super(
      HubAccessError.code,
      'input',
      `The Hub refused "${model}" (status ${status}), expected access. ${todo}`,
    );
  }
}

/** The Hub cannot be reached, is overloaded, or stopped answering. The bytes received so far are kept. */
export class HubUnavailableError extends NtkLensError {
  static readonly code = 'HUB_UNAVAILABLE';
  /** Address of the Hub or its mirror. */
  readonly hub: string;
  /** The file whose download broke; undefined where the Hub did not even say what there is. */
  readonly file?: string;
  constructor(
    url: string,
    { model, file }: { readonly model: string; readonly file?: string },
    readonly reason: string,
    options?: { cause?: unknown },
  ) {
    // A link that the Hub gives may be no address.
    const { origin } = URL.canParse(url) ? new URL(url) : { origin: url };
    super(
      HubUnavailableError.code,
      'failure',
      file === undefined
        ? `The Hub, ${origin}, cannot be asked for "${model}": ${reason}. Try again later, or give a model directory.`
        : `${file} of "${model}" from ${origin}: ${reason}. Finished parts are kept; run again to resume, or give a model directory.`,
      options,
    );
    this.hub = origin;
    this.file = file;
  }
}

/** An answer that is not the Hub's: no JSON, no commit, a loop of redirects. */
export class HubProtocolError extends NtkLensError {
  static readonly code = 'HUB_PROTOCOL';
  constructor(url: string, found: string, expected: string, options?: { cause?: unknown }) {
    super(
      HubProtocolError.code,
      'failure',
      `${url} answered with ${found}, expected ${expected}. Check HF_ENDPOINT and any proxy.`,
      options,
    );
  }
}

/** Downloaded bytes that are not the file's: wrong length or checksum. They are deleted. */
export class DownloadMismatchError extends NtkLensError {
  static readonly code = 'DOWNLOAD_MISMATCH';
  constructor(url: string, found: string, expected: string) {
    super(
      DownloadMismatchError.code,
      'failure',
      `The download of ${url} has ${found}, expected ${expected}. It was deleted; run again.`,
    );
  }
}

/** Offline mode, and the model is not in the cache as a whole. */
export class OfflineModelError extends NtkLensError {
  static readonly code = 'OFFLINE_MODEL';
  constructor(model: string, revision: string, missing: string, local: readonly string[]) {
    super(
      OfflineModelError.code,
      'input',
      `Offline mode is on and "${model}" (${revision}) is not in the cache: ${missing}. Models here: ${
        local.slice(0, 30).join(', ') || 'none'
      }. Unset HF_HUB_OFFLINE and TRANSFORMERS_OFFLINE to download it.`,
    );
  }
}

/** Files of the cache whose bytes are not those of the Hub, though their sizes may be. */
export class DamagedCacheError extends NtkLensError {
  static readonly code = 'DAMAGED_CACHE';
  constructor(directory: string, files: readonly string[]) {
    super(
      DamagedCacheError.code,
      'input',
      `${directory}: found ${files.join(', ')} with other bytes than the Hub has, expected files whose names are their hashes. Delete them, with what they link to, and download the model again.`,
    );
  }
}
