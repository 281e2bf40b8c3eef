import type { Lens } from '@ntk-lens/lens';

const methods = ['kernel', 'solve', 'fineTune', 'check', 'zeroShot'] as const;

/** A session whose methods that compute count their seconds; opening, reading and the writing of tables and pages are not theirs. */
export const countingTime = (lens: Lens): { readonly lens: Lens; readonly seconds: () => number } => {
  let seconds = 0;
  const counted =
    <A extends readonly unknown[], R>(work: (...given: A) => Promise<R>) =>
    async (...given: A): Promise<R> => {
      const start = performance.now();
      try {
        return await work(...given);
      } finally {
        seconds += (performance.now() - start) / 1000;
      }
    };
  const own = Object.fromEntries(
    methods.map((name) => [name, counted(lens[name] as never)]),
  ) as unknown as Pick<Lens, (typeof methods)[number]>;
  return { lens: { ...lens, ...own }, seconds: () => seconds };
};
