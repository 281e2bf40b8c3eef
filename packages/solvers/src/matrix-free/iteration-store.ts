import { columnOf, fromColumns, type NDArray, ndarray } from '@ntk-lens/core';
import type { IterationState } from '../operators/conjugate-gradients.js';
import type { IterationStore } from '../operators/iteration-store.js';
import type { NystromApproximation } from '../operators/nystrom.js';

/** The approximation that all candidates start from. */
export interface Start {
  readonly approximation: NystromApproximation;
  readonly largestEigenvalue: number;
}

const numbers = (values: ArrayLike<number>): NDArray<'float64'> =>
  ndarray<'float64'>(Float64Array.from(values), [values.length]);

const columnsOf = (array: NDArray | undefined): Float64Array[] =>
  Array.from({ length: array?.shape[1] ?? 0 }, (_, j) => columnOf(array as NDArray<'float64'>, j));

/** The start that a store has, or one that is made, and then kept. */
export const keptStart = async (
  store: IterationStore | undefined,
  make: () => Promise<Start>,
): Promise<Start> => {
  const known = await store?.read('start');
  if (known)
    return {
      approximation: {
        vectors: columnsOf(known['vectors']),
        values: Float64Array.from(known['values']!.data),
      },
      largestEigenvalue: known['largest']!.data[0]!,
    };
  const start = await make();
  const { vectors, values } = start.approximation;
  await store?.write('start', {
    // Arrays without a column would have no rows either.
    ...(vectors.length > 0 && { vectors: fromColumns(vectors) }),
    values: numbers(values),
    largest: numbers([start.largestEigenvalue]),
  });
  return start;
};

/** States take turns in two places: the one before is whole while the next is written. */
const places = ['iterations-0', 'iterations-1'] as const;

/** The last state of conjugate gradients that a store has. */
export const readState = async (store: IterationStore | undefined): Promise<IterationState | undefined> => {
  let last: IterationState | undefined;
  for (const place of places) {
    const known = await store?.read(place);
    if (!known) continue;
    const [step = 0] = known['step']!.data;
    if (last && last.step >= step) continue;
    const [x, r, p] = [columnsOf(known['x']), columnsOf(known['r']), columnsOf(known['p'])];
    const scalars = known['scalars'] as NDArray<'float64'>;
    last = {
      step,
      systems: x.map((own, j) => ({ x: own, r: r[j]!, p: p[j]!, scalars: columnOf(scalars, j) })),
    };
  }
  return last;
};

export const writeState = async (store: IterationStore, { step, systems }: IterationState): Promise<void> =>
  store.write(places[step % 2]!, {
    step: numbers([step]),
    x: fromColumns(systems.map(({ x }) => x)),
    r: fromColumns(systems.map(({ r }) => r)),
    p: fromColumns(systems.map(({ p }) => p)),
    scalars: fromColumns(systems.map(({ scalars }) => scalars)),
  });
