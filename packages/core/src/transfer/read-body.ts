import { CancelledError } from '../errors.js';
import { type Patience, StalledError } from './patience.js';

/**
 * Gives a response's bytes to `use`, chunk by chunk. A pause longer than `stallTimeout` ends it with an error; so do
 * fewer than `leastRate` bytes a second over such a time, and cancellation. The connection is closed in every case.
 *
 * @throws StalledError, CancelledError, and what the network or `use` throws
 */
export const readBody = async (
  response: Response,
  { signal, stallTimeout, leastRate }: Patience,
  use: (chunk: Uint8Array) => Promise<void> | void,
): Promise<void> => {
  const reader = response.body?.getReader();
  if (reader === undefined) return;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let inWindow = 0;
  let fail: (error: Error) => void = () => {};
  const failure = new Promise<never>((_, reject) => {
    fail = reject;
  });
  failure.catch(() => {});
  const onAbort = (): void => fail(new CancelledError('The download'));
  signal?.addEventListener('abort', onAbort);
  const window = setInterval(() => {
    if (inWindow < (leastRate * stallTimeout) / 1000) fail(new StalledError(stallTimeout, leastRate));
    inWindow = 0;
  }, stallTimeout);
  try {
    if (signal?.aborted) onAbort();
    for (;;) {
      timer = setTimeout(() => fail(new StalledError(stallTimeout)), stallTimeout);
      const { done, value } = await Promise.race([reader.read(), failure]);
      clearTimeout(timer);
      if (done) return;
      inWindow += value.length;
      await use(value);
    }
  } finally {
    clearTimeout(timer);
    clearInterval(window);
    signal?.removeEventListener('abort', onAbort);
    await reader.cancel().catch(() => {});
  }
};
