/** Units of counted work, from the largest. */
const units = [
  [1e12, 'TFLOP'],
  [1e9, 'GFLOP'],
  [1e6, 'MFLOP'],
] as const;

/** A unit of counted work: its size in FLOPs, and its name. */
export type WorkUnit = (typeof units)[number];

/** The unit in which so many FLOPs are read most easily. */
export const workUnit = (flops: number): WorkUnit => units.find(([size]) => flops >= size) ?? units.at(-1)!;

/** FLOPs in a unit: two digits below 10, three above. */
export const workIn = (flops: number, [size]: WorkUnit): string => {
  const value = flops / size;
  return String(Number(value.toPrecision(value < 10 ? 2 : 3)));
};

/** Counted work with its unit, such as `4.1 GFLOP`. */
export const workText = (flops: number, unit = workUnit(flops)): string =>
  `${workIn(flops, unit)} ${unit[1]}`;

/** Bytes as `378 MiB` or `1.38 GiB`. */
export const sizeText = (bytes: number): string =>
  bytes < 2 ** 30 ? `${Math.ceil(bytes / 2 ** 20)} MiB` : `${(bytes / 2 ** 30).toFixed(2)} GiB`;
