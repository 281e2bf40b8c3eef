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
  const response = await proxiedFetch(input as Proxied[0], { ...(init as Proxied[1]), dispatcher });
  return response as unknown as Response;
};
