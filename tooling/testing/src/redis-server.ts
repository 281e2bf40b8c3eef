import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';

const executablePath = process.env['REDIS_SERVER_PATH'] ?? '/usr/bin/redis-server';

/** Whether there is a Redis to test with. */
export const hasRedis = existsSync(executablePath);
if (!hasRedis)
  console.warn(`No Redis at ${executablePath} (set REDIS_SERVER_PATH): tests with a queue are skipped.`);

export interface RedisServerOptions {
  readonly password?: string;
  /** Listen with TLS and a certificate made for it. Default: false. */
  readonly tls?: boolean;
}

/** A Redis of a test. */
export interface RedisServer {
  readonly port: number;
  readonly url: string;
  /** The certificate that it is verified by, in PEM, and its file. */
  readonly ca?: string;
  readonly caFile?: string;
  /** Ends it at once, as a machine that fails; what it wrote to its disk stays. */
  kill(): Promise<void>;
  /** Starts it again on the same port, with what is on its disk, or with nothing. */
  restart(empty?: boolean): Promise<void>;
}

/** A port of loopback that nothing listens on. */
export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { readonly port: number };
      server.close(() => resolve(port));
    });
  });

/**
 * Starts Debian's `redis-server` on a free port, with its data in a directory and every command written to disk before it is
 * answered. End it by `kill`.
 */
export const startRedis = async (
  directory: string,
  { password, tls = false }: RedisServerOptions = {},
): Promise<RedisServer> => {
  const port = await freePort();
  const [key, certificate] = [join(directory, 'key.pem'), join(directory, 'certificate.pem')];
  if (tls)
    await promisify(execFile)('openssl', [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'],
      ...['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'],
      ...['-keyout', key, '-out', certificate],
    ]);
  const argv = [
    ...['--bind', '127.0.0.1', '--dir', directory, '--save', '', '--appendonly', 'yes'],
    ...['--appendfsync', 'always', ...(password === undefined ? [] : ['--requirepass', password])],
    ...(tls
      ? [
          ...['--port', '0', '--tls-port', String(port), '--tls-cert-file', certificate],
          ...['--tls-key-file', key, '--tls-ca-cert-file', certificate, '--tls-auth-clients', 'no'],
        ]
      : ['--port', String(port)]),
  ];
  let server: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    server = spawn(executablePath, argv, { stdio: 'ignore' });
    for (let tries = 0; !(await listens(port)); tries++) {
      if (tries > 200 || server.exitCode !== null)
        throw new Error(`Redis did not start: exit code ${server.exitCode}.`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  const kill = async (): Promise<void> => {
    const running = server;
    server = undefined;
    if (!running || running.exitCode !== null || running.signalCode !== null) return;
    running.kill('SIGKILL');
    await once(running, 'exit');
  };
  await start();
  const user = password === undefined ? '' : `:${encodeURIComponent(password)}@`;
  return {
    port,
    url: `${tls ? 'rediss' : 'redis'}://${user}127.0.0.1:${port}`,
    ca: tls ? await readFile(certificate, 'utf8') : undefined,
    caFile: tls ? certificate : undefined,
    kill,
    restart: async (empty = false) => {
      await kill();
      if (empty) await rm(join(directory, 'appendonlydir'), { recursive: true, force: true });
      await start();
    },
  };
};

const listens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const end = (found: boolean) => () => {
      socket.destroy();
      resolve(found);
    };
    socket.on('connect', end(true)).on('error', end(false));
  });
