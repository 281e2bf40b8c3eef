import { CancelledError, failureOf, isNtkLensError, type Patience, pause, withinTime } from '@ntk-lens/core';
import { HubAccessError, HubEntryNotFoundError, HubProtocolError, HubUnavailableError } from './errors.js';

/** Settings for requests to a Hub. */
export interface HubConnection extends Patience {
  /** Without a slash at the end. */
  readonly endpoint: string;
  readonly token?: string;
  /** `stallTimeout` of what the Hub says of a model. */
  readonly metadataTimeout?: number;
  /** Sends a request, through a proxy or directly. */
  readonly fetch: typeof fetch;
}

/** The purpose of a request; completes messages. */
export interface RequestSubject {
  readonly model: string;
  readonly revision: string;
  readonly file?: string;
}

/** The Hub says that there is no such model; the caller knows what is here instead. */
export class RepositoryMissing extends Error {}

/** Milliseconds that an answer may take: the Hub's words on a model, or the start of a file. */
export const patience = (hub: HubConnection, { file }: RequestSubject): number =>
  file === undefined ? (hub.metadataTimeout ?? hub.stallTimeout) : hub.stallTimeout;

const maxRedirects = 10;
const longestWait = 60_000;
const transient = new Set([408, 425, 429, 500, 502, 503, 504]);

/**
 * One GET request with a time limit for all redirects together (the token never leaves the endpoint's origin), and
 * patience with an overloaded server.
 *
 * @returns a response of status 2xx, its body unread
 * @throws HubUnavailableError, HubProtocolError, HubAccessError, HubEntryNotFoundError, CancelledError
 */
export const hubRequest = async (
  url: string,
  headers: Readonly<Record<string, string>>,
  hub: HubConnection,
  subject: RequestSubject,
): Promise<Response> => {
  for (let attempt = 1; ; attempt++) {
    let reason: string;
    let wait = hub.backoff * 2 ** (attempt - 1);
    let cause: unknown;
    try {
      const response = await withinTime(patience(hub, subject), hub.signal, (signal) =>
        followRedirects(url, headers, hub, signal),
      );
      if (response.ok) return response;
      await response.body?.cancel();
      if (!transient.has(response.status)) throw refusal(response, url, subject);
      reason =
        response.status === 429
          ? 'too many requests (status 429)'
          : `the server failed (status ${response.status})`;
      const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN) * 1000;
      if (retryAfter > longestWait)
        throw new HubUnavailableError(url, subject, `${reason}, try again in ${retryAfter / 1000} s`);
      if (retryAfter > 0) wait = Math.max(wait, retryAfter);
    } catch (error) {
      if (isNtkLensError(error) || error instanceof RepositoryMissing) throw error;
      if (hub.signal?.aborted) throw new CancelledError('The download');
      reason = failureOf(error);
      cause = error;
    }
    if (attempt >= hub.attempts) throw new HubUnavailableError(url, subject, reason, { cause });
    await pause(wait, hub.signal);
  }
};

const followRedirects = async (
  start: string,
  headers: Readonly<Record<string, string>>,
  hub: HubConnection,
  signal: AbortSignal,
): Promise<Response> => {
  const home = new URL(hub.endpoint).origin;
  let url = new URL(start);
  for (let redirects = 0; redirects <= maxRedirects; redirects++) {
    const sent: Record<string, string> = { ...headers };
    if (hub.token && url.origin === home) sent['authorization'] = `Bearer ${hub.token}`;
    const response = await hub.fetch(url, { headers: sent, redirect: 'manual', signal });
    const location = response.headers.get('location');
    if (response.status < 300 || response.status >= 400 || location === null) return response;
    await response.body?.cancel();
    const next = URL.canParse(location, url.href) ? new URL(location, url) : undefined;
    if (next === undefined || !/^https?:$/.test(next.protocol)) {
      throw new HubProtocolError(
        `${url.origin}${url.pathname}`,
        `a redirect to ${JSON.stringify(location.split('?')[0]!.slice(0, 100))}`,
        'an http address',
      );
    }
    url = next;
  }
  throw new HubProtocolError(start, `more than ${maxRedirects} redirects`, 'the file');
};

const refusal = (response: Response, url: string, subject: RequestSubject): Error => {
  const { status } = response;
  const code = response.headers.get('x-error-code');
  const { model, revision, file } = subject;
  if (code === 'RevisionNotFound') {
    return new HubEntryNotFoundError(`Revision "${revision}" of "${model}"`, 'a branch, tag or commit of it');
  }
  if (code === 'EntryNotFound' || (status === 404 && file !== undefined && code === null)) {
    return new HubEntryNotFoundError(`${file ?? url} of "${model}"`, 'a file of the model');
  }
  if (code === 'RepoNotFound' || status === 404) return new RepositoryMissing();
  if (code === 'GatedRepo' || status === 401 || status === 403) {
    return new HubAccessError(model, status, code === 'GatedRepo');
  }
  return new HubProtocolError(url, `status ${status}`, 'status 200');
};
