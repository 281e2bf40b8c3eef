import { proxyOf } from './proxy-of.js';

const agents = new Map<string, unknown>();

/** `fetch` that goes through the proxy that the environment names for the address, which Node's own leaves out. */
export const fetchThroughProxy: typeof fetch = async (input, init) => {
  const proxy = proxyOf(new URL(input instanceof Request ? input.url : input));
  if (proxy === undefined) return fetch(input, init);
  // Loaded only where there is a proxy.
  const { fetch: proxiedFetch, ProxyAgent } = await import('undici');
  if (!agents.has(proxy)) agents.set(proxy, new ProxyAgent(proxy));
  const dispatcher = agents.get(proxy) as InstanceType<typeof ProxyAgent>;
  type Proxied = Parameters<typeof proxiedFetch>;
  try {
    const response = await proxiedFetch(input as Proxied[0], { ...(init as Proxied[1]), dispatcher });
    return response as unknown as Response;
  } catch (error) {
    if (init?.signal?.aborted) throw error;
    // Without user and password.
    const reason = `${innermost(error)}, through the proxy ${new URL(proxy).host}`;
    throw new TypeError('fetch failed', { cause: new Error(reason) });
  }
};

/** The message of the error behind all others. */
const innermost = (error: unknown): string =>
  error instanceof Error && error.cause !== undefined
    ? innermost(error.cause)
    : error instanceof Error
      ? error.message || error.name
      : String(error);
