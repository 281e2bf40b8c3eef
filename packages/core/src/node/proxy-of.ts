import { BadArgumentError } from '../errors.js';

/** The variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy through which an address is reached, as curl and Python find it: `HTTPS_PROXY` or `HTTP_PROXY` for the
 * scheme, else `ALL_PROXY`, unless `NO_PROXY` names the host. Names in lower case come first, and one of them that is set
 * to nothing turns the other off.
 *
 * @throws BadArgumentError for a proxy that is no http address
 */
export const proxyOf = (address: URL, env: Environment = process.env): string | undefined => {
  const scheme = address.protocol.slice(0, -1);
  const name = [scheme, 'all'].find((kind) => variable(`${kind}_proxy`, env));
  if (name === undefined || isExcepted(address, variable('no_proxy', env) ?? '')) return undefined;
  const value = variable(`${name}_proxy`, env)!;
  const proxy = value.includes('://') ? value : `http://${value}`;
  // The value may hold a password.
  if (!URL.canParse(proxy) || !/^https?:/i.test(proxy))
    throw new BadArgumentError(`${name.toUpperCase()}_PROXY`, '(hidden)', 'the http address of a proxy');
  return proxy;
};

const variable = (name: string, env: Environment): string | undefined =>
  (env[name] ?? Object.entries(env).find(([key]) => key.toLowerCase() === name)?.[1]) || undefined;

/**
 * True if a list of hosts names the address. `*` is every host; `host` is itself and every name that ends
 * with `.host`; `.host` and `*.host` are the names that end so. A `:port` after each limits it to that port.
 * IPv6 addresses may stand in brackets.
 */
const isExcepted = (address: URL, list: string): boolean => {
  const port = address.port || (address.protocol === 'https:' ? '443' : '80');
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => {
      if (entry === '*') return true;
      const [, bracketed, afterBracket, plain, afterPlain] =
        /^(?:\[(.+)\](?::(\d+))?|([^:]+)(?::(\d+))?)$/.exec(entry) ?? [];
      const wantedPort = afterBracket ?? afterPlain;
      if (wantedPort !== undefined && wantedPort !== port) return false;
      return isUnder(address.hostname.replace(/^\[|\]$/g, ''), bracketed ?? plain ?? entry);
    });
};

const isUnder = (host: string, entry: string): boolean => {
  const name = entry.replace(/^\*/, '');
  if (name.startsWith('.')) return host.endsWith(name);
  return host === canonical(name) || host.endsWith(`.${name}`);
};

/** An IPv6 address as `URL` writes it; anything else as it is. */
const canonical = (name: string): string =>
  name.includes(':') && URL.canParse(`http://[${name}]`)
    ? new URL(`http://[${name}]`).hostname.slice(1, -1)
    : name;
