import { setTimeout as wait } from 'node:timers/promises';
import type { RedisServer } from '@ntk-lens/testing/redis-server';
import type { Finished } from '../spawn-program.js';
import { childrenOf, killed } from './processes.js';
import {
  type Kills,
  killDuring,
  MEMORY,
  type Moments,
  planned,
  started,
  type UnitRun,
  type UnitScenario,
} from './unit-run.js';

/** Seconds after which a unit of a killed worker is handed out again. A Redis that is away must be back well before. */
const LEASE = 6;

/** Most milliseconds between the end of a Redis and its next start. */
const AWAY = 500;

/** A way to share work by processes, some of which are killed. It goes on until the work is done. */
type UnitWay = (scenario: UnitScenario, run: UnitRun, moments: Moments) => Promise<Finished>;

/** `--workers n`, whose workers and which itself are killed, and which is started again until it ends by itself. */
export const byController: UnitWay = async (scenario, run, moments) => {
  const { argv, workers } = scenario;
  const command = [...argv, '--memory', String(MEMORY), '--out', run.out, '--workers', String(workers)];
  for (;;) {
    let controller = 0;
    const finished = started(scenario, run, command, (pid) => {
      controller = pid;
    });
    await killDuring(finished, run, moments, async () => {
      const children = await childrenOf(controller);
      const victim = oneOf(moments, [controller, ...children]);
      if (!killed(victim)) return undefined;
      if (victim !== controller) return 'worker';
      run.stopped += children.length;
      return 'controller';
    });
    const last = await finished;
    if (last.code === 0) return last;
    // Killed, or given up since one of its workers was killed three times.
    if (last.signal !== 'SIGKILL' && !last.stderr.includes('WORKER_ENDED')) return last;
  }
};

/** Workers that were started one by one, each with its index, and started again where they are killed. */
export const byWorkers: UnitWay = async (scenario, run, moments) => {
  const plan = await planned(scenario, run);
  if (plan.code !== 0) return plan;
  const { places, workers } = scenario;
  const worker = ['worker', '--units', run.out, ...places, '--json'];
  const indices = Array.from({ length: workers }, (_, index) => ['--index', `${index}/${workers}`]);
  const running = new Map<number, keyof Kills>();
  const all = Promise.all(
    indices.map((index) => untilDone(scenario, run, running, 'worker', [...worker, ...index])),
  );
  await killDuring(all, run, moments, async () => killedOf(running, moments));
  const bad = (await all).find(({ code }) => code !== 0);
  return bad ?? started(scenario, run, [...worker, '--assemble']);
};

/** Workers of a queue and a process that fills and follows it, all of which are killed, and so is the Redis behind them. */
export const byQueue =
  (redis: RedisServer): UnitWay =>
  async (scenario, run, moments) => {
    const plan = await planned(scenario, run);
    if (plan.code !== 0) return plan;
    const { places, workers } = scenario;
    const queue = ['--units', run.out, '--redis', redis.url, '--json'];
    const worker = ['worker', ...queue, ...places, '--lease', String(LEASE)];
    const running = new Map<number, keyof Kills>();
    const all = Promise.all([
      untilDone(scenario, run, running, 'controller', ['enqueue', ...queue, '--follow']),
      ...Array.from({ length: workers }, () => untilDone(scenario, run, running, 'worker', worker)),
    ]);
    await killDuring(all, run, moments, async () => {
      const isRedis = moments.random.interval(2) === 0;
      if (!isRedis) return killedOf(running, moments);
      await redis.kill();
      await wait(moments.random.randomSample() * AWAY);
      await redis.restart();
      return 'redis';
    });
    const bad = (await all).find(({ code }) => code !== 0);
    return bad ?? started(scenario, run, ['worker', '--units', run.out, ...places, '--json', '--assemble']);
  };

const oneOf = <T>({ random }: Moments, all: readonly T[]): T => all[random.interval(all.length - 1)]!;

/** Kills one of the processes that run. */
const killedOf = (running: ReadonlyMap<number, keyof Kills>, moments: Moments): keyof Kills | undefined => {
  if (running.size === 0) return undefined;
  const [pid, kind] = oneOf(moments, [...running]);
  return killed(pid) ? kind : undefined;
};

/** Starts a process again until it ends by itself; one that is started while Redis is away is refused, and started again, too. */
const untilDone = async (
  scenario: UnitScenario,
  run: UnitRun,
  running: Map<number, keyof Kills>,
  kind: keyof Kills,
  argv: readonly string[],
): Promise<Finished> => {
  for (;;) {
    let own = 0;
    const last = await started(scenario, run, argv, (pid) => {
      own = pid;
      running.set(pid, kind);
    });
    running.delete(own);
    if (last.signal !== 'SIGKILL' && !last.stderr.includes('REDIS_UNREACHABLE')) return last;
  }
};
