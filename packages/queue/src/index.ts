export { checkRedis, type OnConnection } from './connect.js';
export { ForeignMessageError, RedisAddressError, RedisUnreachableError } from './errors.js';
export type { Filled } from './fill-queue.js';
export { type EnqueueOptions, enqueueUnits } from './follow-queue.js';
export type { FailedUnit, QueuedUnits, WorkableUnits } from './queued-units.js';
export type { RedisAddress } from './redis-address.js';
export { type QueueWork, type QueueWorkOptions, workOnQueue } from './work-on-queue.js';
