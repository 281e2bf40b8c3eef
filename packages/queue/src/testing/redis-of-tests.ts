import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { hasRedis, type RedisServer, startRedis } from '@ntk-lens/testing/redis-server';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { afterAll, beforeAll } from 'vitest';

const here = (name: string): string => new URL(name, import.meta.url).pathname;

/** Waits until something holds. */
export const until = async (holds: () => boolean | Promise<boolean>): Promise<void> => {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20));
};

/** A Redis for the tests of a file, where there is one, with folders next to it. */
export const redisOfTests = (password: string) => {
  let root: string;
  let server: RedisServer | undefined;
  const folder = async (name: string): Promise<string> => {
    const path = join(root, name);
    await mkdir(path, { recursive: true });
    return path;
  };
  beforeAll(async () => {
    root = await temporaryDirectory();
    if (hasRedis) server = await startRedis(await folder('redis'), { password });
  });
  afterAll(() => server?.kill());
  const redis = {
    get url() {
      return server!.url;
    },
    get port() {
      return server!.port;
    },
  };
  return {
    redis,
    folder,
    /** Looks at a queue from outside. */
    lookAt: async <T>(manifest: string, use: (queue: Queue) => Promise<T>): Promise<T> => {
      const client = new Redis(redis.url, { maxRetriesPerRequest: null });
      const queue = new Queue(`${manifest.slice(0, 16)}-here`, { connection: client, prefix: 'ntk-lens' });
      try {
        return await use(queue);
      } finally {
        await queue.close();
        client.disconnect();
      }
    },
    /** Starts a worker in a process of its own, which can be killed, and whose clock is off by some hours. */
    startWorker: (directory: string, count: number, milliseconds: number, hours = 0): ChildProcess =>
      spawn(
        process.execPath,
        [
          ...['--import', 'tsx', '--conditions=@ntk-lens/source', '--import', here('./shift-clock.mjs')],
          ...[here('./worker-process.ts'), redis.url, directory, String(count), String(milliseconds)],
        ],
        { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, CLOCK_HOURS: String(hours) } },
      ),
  };
};
