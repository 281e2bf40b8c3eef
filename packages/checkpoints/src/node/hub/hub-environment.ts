import { readFileSync } from 'node:fs';
import { BadArgumentError, type Environment } from '@ntk-lens/core';
import { WeightReadError } from '../../errors.js';
import { cleanedToken } from '../../hub/hub-connection.js';
import { expandPath, homeOf, joinPath } from './python-paths.js';

/** The environment's settings for the Hub, read as Python's huggingface_hub reads them. */
export interface HubEnvironment {
  /** The directory of downloaded models. */
  readonly cache: string;
  /** The file in which `hf auth login` keeps the token. */
  readonly tokenFile: string;
  /** No request is made. */
  readonly offline: boolean;
  /** Files of a snapshot are copies of blobs and no links to them. */
  readonly copies: boolean;
  /** Undefined where none is set: the library's own. */
  readonly endpoint?: string;
  /** Milliseconds without a byte of a file; undefined where none is set. */
  readonly downloadTimeout?: number;
  /** Milliseconds to wait for what the Hub says of a model; undefined where none is set. */
  readonly metadataTimeout?: number;
}

/**
 * Reads `HF_HOME`, `HF_HUB_CACHE`, `HUGGINGFACE_HUB_CACHE`, `XDG_CACHE_HOME`, `HF_TOKEN_PATH`, `HF_HUB_OFFLINE`,
 * `TRANSFORMERS_OFFLINE`, `HF_HUB_DISABLE_SYMLINKS`, `HF_ENDPOINT`, `HF_HUB_DOWNLOAD_TIMEOUT` and `HF_HUB_ETAG_TIMEOUT`. A path that is set to
 * nothing is the working directory, as in Python; any other variable that is set to nothing is not set.
 *
 * @throws BadArgumentError for a time that is no number of seconds
 */
export const hubEnvironment = (env: Environment = process.env): HubEnvironment => {
  const cacheHome = env['XDG_CACHE_HOME'] ?? joinPath(homeOf(env), '.cache');
  const home = expandPath(env['HF_HOME'] ?? joinPath(cacheHome, 'huggingface'), env);
  const cache = env['HF_HUB_CACHE'] ?? env['HUGGINGFACE_HUB_CACHE'] ?? joinPath(home, 'hub');
  return {
    cache: expandPath(cache, env),
    tokenFile: expandPath(env['HF_TOKEN_PATH'] ?? joinPath(home, 'token'), env),
    offline: isTrue(env['HF_HUB_OFFLINE'] || env['TRANSFORMERS_OFFLINE']),
    copies: isTrue(env['HF_HUB_DISABLE_SYMLINKS']),
    endpoint: env['HF_ENDPOINT']?.replace(/\/+$/, '') || undefined,
    downloadTimeout: millisecondsIn('HF_HUB_DOWNLOAD_TIMEOUT', env),
    metadataTimeout: millisecondsIn('HF_HUB_ETAG_TIMEOUT', env),
  };
};

/**
 * The token that is sent where none is given: `HF_TOKEN`, else `HUGGING_FACE_HUB_TOKEN`, else what `hf auth login` left
 * in the token file; none with `HF_HUB_DISABLE_IMPLICIT_TOKEN`. White space around it is dropped.
 *
 * @throws WeightReadError if there is a token file that cannot be read
 */
export const implicitToken = (env: Environment = process.env): string | undefined => {
  if (isTrue(env['HF_HUB_DISABLE_IMPLICIT_TOKEN'])) return undefined;
  return cleanedToken(env['HF_TOKEN'] || env['HUGGING_FACE_HUB_TOKEN']) ?? cleanedToken(storedToken(env));
};

const storedToken = (env: Environment): string | undefined => {
  const { tokenFile } = hubEnvironment(env);
  try {
    return readFileSync(tokenFile, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new WeightReadError(tokenFile, cause);
  }
};

const isTrue = (value: string | undefined): boolean => /^(1|on|yes|true)$/i.test(value ?? '');

/** Whole seconds as Python's `int` reads them; 0 is the default. */
const millisecondsIn = (name: string, env: Environment): number | undefined => {
  const text = env[name];
  if (text === undefined || text === '') return undefined;
  if (!/^\s*\+?\d+(_\d+)*\s*$/.test(text))
    throw new BadArgumentError(name, text, 'a whole number of seconds');
  return Number(text.trim().replaceAll('_', '')) * 1000 || undefined;
};
