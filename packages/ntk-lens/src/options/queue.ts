import { group, option } from './declare.js';
import { integer, path, text, toggle } from './kinds.js';

/** The variable that has the password of Redis, which a command line would show to everybody on the machine. */
export const REDIS_PASSWORD = 'NTK_LENS_REDIS_PASSWORD';

/** The queue that hands out units. */
const redis = option(
  '--redis <url>',
  text,
  'hands out units by a queue on Redis, redis://[user@]host[:port], or rediss:// with TLS',
  { env: REDIS_PASSWORD, envGives: 'its password' },
);
const redisCa = option(
  '--redis-ca <file>',
  path,
  'verifies the certificate of Redis by the certificates of this PEM file',
  {
    unset: "Node's certificates",
  },
);

/** The place of results that machines without a shared directory can reach. */
const store = {
  store: option(
    '--store <url>',
    text,
    'keeps results in an S3-compatible store, such as s3://bucket/prefix, instead of a shared directory',
  ),
  storeEndpoint: option('--store-endpoint <url>', text, 'names the server of the store', {
    unset: 'AWS_ENDPOINT_URL, or that of Amazon',
  }),
};

/** Work that a queue hands out, for a worker. */
export const workerQueue = group('command', 'Queue', {
  redis,
  redisCa,
  lease: option(
    '--lease <seconds>',
    integer(2, 86_400),
    'gives the unit of a worker to another worker after so many seconds without a sign of life',
    { unset: '60' },
  ),
  ...store,
});

/** Work that is put into a queue. */
export const enqueuing = group('command', 'Queue', {
  units: option('--units <dir>', path, 'adds the units of a directory that --plan-units left', {
    required: true,
  }),
  redis: { ...redis, required: true as const },
  redisCa,
  follow: option('--follow', toggle, 'waits until all units are finished or failed'),
  retry: option('--retry', toggle, 'tries units again that failed three times'),
  ...store,
});
