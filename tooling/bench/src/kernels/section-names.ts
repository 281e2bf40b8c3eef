/** The choices of `kernels --sections`, in the order of the table. */
export const sectionNames = [
  'products',
  'func',
  'hooks',
  'passes',
  'bergson',
  'pairs',
  'rate',
  'queries',
  'memory',
  'sst2',
] as const;
export type SectionName = (typeof sectionNames)[number];
