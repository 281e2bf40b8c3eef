import { RedisAddressError } from './errors.js';

/** The way to a Redis. */
export interface RedisAddress {
  /** `redis://user:password@host:6379/0`, or `rediss://` for TLS. User, password, port and number of the database may be left out. */
  readonly url: string;
  /** The password, where the address has none. */
  readonly password?: string;
  /** Certificates in PEM that a server's one is verified by. Default: those of Node. */
  readonly ca?: string;
}

/** A parsed address. */
export interface RedisServer {
  readonly host: string;
  readonly port: number;
  readonly db: number;
  readonly username?: string;
  readonly password?: string;
  readonly tls?: { readonly ca?: string; readonly servername?: string };
  /** The address without its password, for people. */
  readonly shown: string;
}

/** @throws RedisAddressError, which does not show a password */
export const parseAddress = ({ url, password, ca }: RedisAddress): RedisServer => {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (!parsed) throw new RedisAddressError('no address');
  const { protocol, hostname, port, username, pathname, search } = parsed;
  const shown = `${protocol}//${username && `${username}@`}${hostname}:${port || 6379}${pathname.replace(/^\/$/, '')}`;
  const [, db = '0'] = /^\/?(\d{0,5})$/.exec(pathname) ?? [];
  if (!/^rediss?:$/.test(protocol) || hostname === '' || !/^\/?\d{0,5}$/.test(pathname) || search !== '')
    throw new RedisAddressError(shown + search);
  const secure = protocol === 'rediss:';
  if (ca !== undefined && !secure) throw new RedisAddressError(`${shown} with a certificate`);
  const host = hostname.replace(/^\[|\]$/g, '');
  const isName = /[a-z]/i.test(host) && !host.includes(':');
  return {
    ...{ host, port: Number(port || 6379), db: Number(db || 0), shown },
    username: decodeURIComponent(username) || undefined,
    password: decodeURIComponent(parsed.password) || password || undefined,
    tls: secure ? { ca, ...(isName ? { servername: host } : {}) } : undefined,
  };
};
