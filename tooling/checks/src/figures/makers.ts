/** Commands whose report shows figures of the documentation. */
export interface Maker {
  readonly name: string;
  /** Lines that are typed one after the other, in a folder that all makers share. */
  readonly typed: readonly string[];
  /** The directory of the report. */
  readonly directory: string;
  /** Titles of the figures in the report, by their names in docs/images. */
  readonly figures: Readonly<Record<string, string>>;
  /** Takes so long that it is made only where it is named. */
  readonly slow?: boolean;
}

const coordinates = (parametrization: string): Maker => ({
  name: `coordinates-${parametrization}`,
  typed: [`coordinates --parametrization ${parametrization} --out coordinates-${parametrization}`],
  directory: `coordinates-${parametrization}`,
  figures: { [`coordinates-${parametrization}`]: 'Changes after 4 steps' },
});

/** Every figure of docs/images except that of {@link bench}. */
export const makers: readonly Maker[] = [
  {
    name: 'run',
    typed: ['run --out run'],
    directory: 'run',
    figures: {
      kernel: 'SGD kernel of logit differences',
      accuracy: 'sentiment, 16-shot',
      spectrum: 'Spectrum of the SGD kernel',
    },
  },
  ...['mup', 'standard', 'ntk'].map(coordinates),
  {
    name: 'check',
    typed: ['check --task sentiment --seeds 42 --out check'],
    directory: 'check',
    figures: {
      'check-chi': 'Output derivatives before any step',
      'check-f-lin': 'f_lin against f at θ_T',
      'check-kernel-drift': 'Kernel drift along fine-tuning',
      'check-linearization': 'Linearization along fine-tuning',
    },
  },
  {
    name: 'ladder',
    typed: [
      'pretrain --seeds 0,1,2,3 --out ladder',
      'check --ladder ladder --task sentiment --seed 13 --out ladder/check',
    ],
    directory: 'ladder/check',
    figures: {
      'ladder-chi': 'Output derivatives before any step, against width',
      'ladder-linearization': 'Linearization error against width',
      'ladder-kernel': 'Kernel change against width',
      'ladder-follows-chi': 'Linearization error against |χ|, every model',
    },
    slow: true,
  },
];

/** The bench that draws a figure of its own, which has no model. */
export const bench = { name: 'infinite-width', figure: 'infinite-width' } as const;
