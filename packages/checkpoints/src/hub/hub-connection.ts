import { BadArgumentError, type LongTaskOptions } from '@ntk-lens/core';
import type { HubConnection } from './hub-request.js';

/** How the Hub is spoken to. */
export interface HubOptions extends LongTaskOptions {
  /** Branch, tag or commit; `main`. Pin a commit where results must be reproducible. */
  readonly revision?: string;
  /** `https://huggingface.co`. Use it for a mirror. */
  readonly endpoint?: string;
  /** Needed for private and gated models; sent to the endpoint only. */
  readonly token?: string;
  /** Milliseconds without a byte after which a connection is given up; 30,000. */
  readonly stallTimeout?: number;
  /** Tries of a request; 4. */
  readonly attempts?: number;
  /** Milliseconds before the second try, doubled for each further one; 1,000. */
  readonly backoff?: number;
}

/** @throws BadArgumentError for an endpoint that is no http address, or a token that no header can hold */
export const hubConnection = (options: HubOptions): HubConnection => {
  const { token, signal, stallTimeout = 30_000, attempts = 4, backoff = 1_000 } = options;
  const endpoint = (options.endpoint ?? 'https://huggingface.co').replace(/\/+$/, '');
  if (!URL.canParse(endpoint) || !/^https?:/.test(endpoint)) {
    throw new BadArgumentError('endpoint (HF_ENDPOINT)', endpoint, 'an http address');
  }
  // A line break would end the header that the token is sent in.
  if (token !== undefined && !/^[\x21-\x7e]*$/.test(token)) {
    throw new BadArgumentError('HF_TOKEN', '(hidden)', 'a token without spaces or line breaks');
  }
  return { endpoint, token, signal, stallTimeout, attempts, backoff };
};
