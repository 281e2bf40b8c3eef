import { BadArgumentError, type LongTaskOptions } from '@ntk-lens/core';
import type { HubConnection } from './hub-request.js';

/** Settings for requests to the Hub. */
export interface HubOptions extends LongTaskOptions {
  /** Branch, tag or commit; `main`. Pin a commit where results must be reproducible. */
  readonly revision?: string;
  /** `https://huggingface.co`. Use it for a mirror. */
  readonly endpoint?: string;
  /** Needed for private and gated models; sent to the endpoint only. */
  readonly token?: string;
  /** Milliseconds without a byte after which a connection is given up; 30,000. */
  readonly stallTimeout?: number;
  /** Bytes a second, over `stallTimeout`, below which a connection is given up; 1,000. */
  readonly leastRate?: number;
  /** Tries of a request; 4. */
  readonly attempts?: number;
  /** Milliseconds before the second try, doubled for each further one; 1,000. */
  readonly backoff?: number;
}

/** Without line breaks anywhere and white space around, as Hugging Face's programs clean it; nothing is no token. */
export const cleanedToken = (token: string | undefined): string | undefined =>
  token?.replace(/[\r\n]/g, '').trim() || undefined;

/** @throws BadArgumentError for an endpoint that is no http address, or a token that no header can hold */
export const hubConnection = (options: HubOptions): HubConnection => {
  const { signal, stallTimeout = 30_000, attempts = 4, backoff = 1_000, leastRate = 1_000 } = options;
  const endpoint = (options.endpoint ?? 'https://huggingface.co').replace(/\/+$/, '');
  if (!URL.canParse(endpoint) || !/^https?:/.test(endpoint)) {
    throw new BadArgumentError('endpoint (HF_ENDPOINT)', endpoint, 'an http address');
  }
  const { username, password } = new URL(endpoint);
  if (username !== '' || password !== '')
    throw new BadArgumentError('endpoint (HF_ENDPOINT)', '(hidden)', 'an address without user and password');
  const token = cleanedToken(options.token);
  if (token !== undefined && !/^[\x21-\x7e]*$/.test(token)) {
    throw new BadArgumentError(
      'HF_TOKEN',
      '(hidden)',
      'a token of printable ASCII characters without spaces',
    );
  }
  // A browser's `fetch` refuses to be called as a method of something else.
  const direct: typeof fetch = (input, init) => fetch(input, init);
  return { endpoint, token, signal, stallTimeout, attempts, backoff, leastRate, fetch: direct };
};
