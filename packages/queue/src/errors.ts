import { NtkLensError } from '@ntk-lens/core';

/** An address that no Redis can have. */
export class RedisAddressError extends NtkLensError {
  static readonly code = 'REDIS_ADDRESS';
  constructor(found: string) {
    super(
      RedisAddressError.code,
      'input',
      `The address of Redis: found ${found}, expected redis://[user@]host[:port][/number], or rediss:// for TLS. Give the password in the address or as an option of its own.`,
    );
  }
}

/** A Redis that cannot be used: nothing listens, the password is wrong, or its certificate is not trusted. */
export class RedisUnreachableError extends NtkLensError {
  static readonly code = 'REDIS_UNREACHABLE';
  constructor(shown: string, found: string, options?: { cause?: unknown }) {
    super(
      RedisUnreachableError.code,
      'failure',
      `Redis at ${shown} cannot be used: found "${found}", expected a server of version 6.2 or later that takes this user. Start one ("apt-get install redis-server", then "redis-server"), or correct the address, the password or the certificate.`,
      options,
    );
  }
}

/** A message of a queue that is not about the units at hand. */
export class ForeignMessageError extends NtkLensError {
  static readonly code = 'FOREIGN_MESSAGE';
  constructor(job: string, differences: readonly string[]) {
    super(
      ForeignMessageError.code,
      'failure',
      `The message ${job} was refused: ${differences.join('; ')}. Another program writes to this queue: stop it, or give it another Redis. The unit is put into the queue again.`,
    );
  }
}
