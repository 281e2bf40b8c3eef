import type { UnitQueue } from './fill-queue.js';

/** Milliseconds after which a unit that another process computes is looked at again. */
export const ELSEWHERE = 5000;

/**
 * Hands out units again that workers put off, once this process has seen them for a while. BullMQ compares the clocks of machines,
 * by which a unit could wait for hours where one of them is wrong.
 *
 * @returns looks at the queue
 */
export const putOffUnits = (queue: UnitQueue): (() => Promise<void>) => {
  let seen = new Map<string, number>();
  return async () => {
    const jobs = await queue.getDelayed();
    const now = performance.now();
    seen = new Map(jobs.map(({ id = '' }) => [id, seen.get(id) ?? now]));
    // One that another worker hands out meanwhile is not put off any more.
    for (const job of jobs)
      if (now - seen.get(job.id ?? '')! >= ELSEWHERE) await job.promote().catch(() => {});
  };
};
