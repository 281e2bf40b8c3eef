import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { freePort } from './redis-server.js';

const executablePath =
  process.env['MOTO_SERVER_PATH'] ??
  fileURLToPath(new URL('../../../.test-servers/bin/moto_server', import.meta.url));

/** Whether there is a server of objects to test with: moto, which imitates that of Amazon. */
export const hasS3 = existsSync(executablePath);
if (!hasS3)
  console.warn(
    `No moto_server at ${executablePath} (set MOTO_SERVER_PATH): tests with a store are skipped. tooling/testing/servers.txt says how to install it.`,
  );

/** A server of objects, in memory, with a bucket `bucket`. */
export interface S3Server {
  readonly endpoint: string;
  /** Environment that a client needs. */
  readonly env: Readonly<Record<string, string>>;
  kill(): Promise<void>;
}

/** Starts a server on a free port of loopback. */
export const startS3 = async (): Promise<S3Server> => {
  const port = await freePort();
  const server = spawn(executablePath, ['-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' });
  const endpoint = `http://127.0.0.1:${port}`;
  for (;;) {
    const made = await fetch(`${endpoint}/bucket`, { method: 'PUT' }).catch(() => undefined);
    if (made?.ok) break;
    if (server.exitCode !== null) throw new Error(`moto_server ended with exit code ${server.exitCode}.`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    endpoint,
    env: { AWS_ACCESS_KEY_ID: 'nobody', AWS_SECRET_ACCESS_KEY: 'nothing' },
    kill: async () => {
      if (server.exitCode !== null) return;
      server.kill('SIGKILL');
      await once(server, 'exit');
    },
  };
};
