// Every group of options: a new one is a line here.
export * from './check.js';
export * from './kernel.js';
export * from './kubernetes.js';
export * from './machine.js';
export * from './matrix-free.js';
export * from './output.js';
export * from './plan.js';
export * from './prompt.js';
export * from './queue.js';
export * from './reproduce.js';
export * from './scheme.js';
export * from './slurm.js';
export * from './solver.js';
export * from './task.js';
export * from './training.js';
export * from './units.js';
export * from './width.js';
