import { Redis, type RedisOptions } from 'ioredis';
import { RedisUnreachableError } from './errors.js';
import { parseAddress, type RedisAddress, type RedisServer } from './redis-address.js';

/** Milliseconds in which a server must answer before work begins. */
const PATIENCE = 10_000;

/** Most milliseconds between two tries to reach a server that went away. */
const SLOWEST_RETRY = 2000;

const optionsOf = ({ shown: _, tls, ...server }: RedisServer): RedisOptions => ({
  ...server,
  ...(tls && { tls }),
  ...{ lazyConnect: true, connectTimeout: PATIENCE, maxRetriesPerRequest: null },
});

/**
 * Verifies that a Redis answers, and takes this user.
 *
 * @example
 * ```ts
 * await checkRedis({ url: 'rediss://worker@redis.example.org', password, ca });
 * ```
 * @throws RedisAddressError, RedisUnreachableError, which says what was found; neither shows a password
 */
export const checkRedis = async (address: RedisAddress): Promise<void> => {
  const server = parseAddress(address);
  const client = new Redis({
    ...optionsOf(server),
    ...{ commandTimeout: PATIENCE, retryStrategy: () => null },
  });
  let last: Error | undefined;
  client.on('error', (error) => {
    last = error;
  });
  try {
    await client.connect();
    await client.ping();
  } catch (cause) {
    const { message } = last ?? (cause as Error);
    throw new RedisUnreachableError(server.shown, message, { cause });
  } finally {
    client.disconnect();
  }
};

/** Called when a Redis goes away, and when it is back. */
export type OnConnection = (state: 'waiting' | 'back', shown: string) => void;

/**
 * Uses a connection that waits for a Redis that goes away, however long, and ends all that was duplicated from it.
 *
 * @throws what {@link checkRedis} throws
 */
export const withRedis = async <T>(
  address: RedisAddress,
  onConnection: OnConnection | undefined,
  use: (client: Redis) => Promise<T>,
): Promise<T> => {
  await checkRedis(address);
  const server = parseAddress(address);
  const retryStrategy = (times: number): number => Math.min(times * 100, SLOWEST_RETRY);
  const client = new Redis({ ...optionsOf(server), retryStrategy });
  const all = [client];
  let away = false;
  let ended = false;
  // A failure on the way ends in a new try, and commands wait.
  client.on('error', () => {});
  client.on('close', () => {
    if (!away && !ended) onConnection?.('waiting', server.shown);
    away = true;
  });
  client.on('ready', () => {
    if (away) onConnection?.('back', server.shown);
    away = false;
  });
  const duplicate = client.duplicate.bind(client);
  client.duplicate = (override) => {
    const other = duplicate(override);
    other.on('error', () => {});
    all.push(other);
    return other;
  };
  try {
    await client.connect().catch(() => {});
    return await use(client);
  } finally {
    ended = true;
    for (const one of all) one.disconnect();
  }
};
