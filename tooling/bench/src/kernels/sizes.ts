/** Numbers of training examples and of queries, by section. */
export interface Sizes {
  readonly peers: readonly [number, number];
  readonly pairs: readonly [number, number];
  readonly rate: readonly [number, number];
  readonly queries: readonly [number, number];
  readonly growth: readonly (readonly [number, number])[];
  readonly memory: readonly (readonly [number, number])[];
  readonly sst2: readonly [number, number];
}

/** 16-shot SST-2: 32 training, 32 development and 1000 test examples. */
export const fullSizes: Sizes = {
  peers: [32, 64],
  pairs: [8, 16],
  rate: [32, 256],
  queries: [32, 1000],
  growth: [
    [32, 64],
    [32, 128],
    [32, 256],
  ],
  memory: [
    [32, 1000],
    [512, 512],
  ],
  sst2: [32, 1032],
};

export const quickSizes: Sizes = {
  peers: [4, 8],
  pairs: [2, 4],
  rate: [4, 32],
  queries: [4, 40],
  growth: [
    [4, 8],
    [4, 16],
    [4, 32],
  ],
  memory: [
    [4, 40],
    [24, 24],
  ],
  sst2: [4, 40],
};

/** The most examples and queries that a section takes. */
export const mostOf = (sizes: Sizes): readonly [number, number] => {
  const { growth, memory, ...single } = sizes;
  const all = [...Object.values(single), ...growth, ...memory];
  return [Math.max(...all.map(([n]) => n)), Math.max(...all.map(([, m]) => m))];
};
