import { readText } from '@ntk-lens/core';
import type { RedisAddress } from '@ntk-lens/queue';

/** A queue as options name it. */
export interface QueuePlace {
  /** The address of Redis. */
  readonly redis: string;
  readonly password?: string;
  /** File with certificates. */
  readonly redisCa?: string;
}

/** @throws FileSystemError for certificates that cannot be read */
export const addressOf = async ({ redis, password, redisCa }: QueuePlace): Promise<RedisAddress> => ({
  ...{ url: redis, password },
  ca: redisCa === undefined ? undefined : await readText(redisCa, 2 ** 20),
});

/** Says that a Redis went away, and that it is back. */
export const connectionTeller =
  (say: ((text: string) => void) | undefined) =>
  (state: 'waiting' | 'back', shown: string): void =>
    say?.(
      state === 'back' ? `Redis at ${shown} is back` : `Redis at ${shown} does not answer: waiting for it`,
    );
