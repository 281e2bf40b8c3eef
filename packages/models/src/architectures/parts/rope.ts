/** Changes of the frequencies of rotary positions that let a model read longer texts than it was first trained on. */
export type RopeScaling =
  | { readonly type: 'default' }
  | { readonly type: 'linear'; readonly factor: number }
  | {
      readonly type: 'llama3';
      readonly factor: number;
      readonly lowFrequency: number;
      readonly highFrequency: number;
      readonly originalPositions: number;
    }
  | {
      readonly type: 'yarn';
      readonly factor: number;
      /** Factor of cosines and sines. */
      readonly attention: number;
      readonly betaFast: number;
      readonly betaSlow: number;
      readonly truncate: boolean;
      readonly originalPositions: number;
    };

/** Rotary positions of a kind of layer. */
export interface Rope {
  readonly theta: number;
  /** Share of each head that is turned. */
  readonly partial: number;
  readonly scaling: RopeScaling;
}

/** Numbers of a head that are turned, as transformers rounds them. */
export const rotatedSize = ({ partial }: Pick<Rope, 'partial'>, headSize: number): number =>
  Math.trunc(headSize * partial);

/**
 * Angles per position of the pairs of a head, and the factor of cosines and sines. transformers keeps frequencies in
 * float32, so they are rounded to it.
 */
export const rotaryFrequencies = (
  rope: Rope,
  headSize: number,
): { readonly frequencies: readonly number[]; readonly factor: number } => {
  const size = rotatedSize(rope, headSize);
  const plain = Array.from({ length: size / 2 }, (_, i) => rope.theta ** ((-2 * i) / size));
  return {
    frequencies: plain.map((frequency, i) => Math.fround(scaled(rope, size, frequency, i))),
    factor: rope.scaling.type === 'yarn' ? rope.scaling.attention : 1,
  };
};

const scaled = ({ theta, scaling }: Rope, size: number, frequency: number, i: number): number => {
  switch (scaling.type) {
    case 'default':
      return frequency;
    case 'linear':
      return frequency / scaling.factor;
    case 'llama3': {
      const { factor, lowFrequency, highFrequency, originalPositions } = scaling;
      // Turns within the length of the first training.
      const turns = (originalPositions * frequency) / (2 * Math.PI);
      const smooth = (turns - lowFrequency) / (highFrequency - lowFrequency);
      return mix(frequency / factor, frequency, Math.min(Math.max(smooth, 0), 1));
    }
    case 'yarn': {
      const { factor, betaFast, betaSlow, truncate, originalPositions } = scaling;
      const pairOf = (turns: number) =>
        (size * Math.log(originalPositions / (turns * 2 * Math.PI))) / (2 * Math.log(theta));
      const [first, last] = [pairOf(betaFast), pairOf(betaSlow)];
      const low = Math.max(truncate ? Math.floor(first) : first, 0);
      const high = Math.min(truncate ? Math.ceil(last) : last, size - 1);
      const ramp = (i - low) / (low === high ? 0.001 : high - low);
      return mix(frequency, frequency / factor, Math.min(Math.max(ramp, 0), 1));
    }
  }
};

const mix = (a: number, b: number, share: number): number => a * (1 - share) + b * share;
