import { durationText, type Table } from '@ntk-lens/report';
import type { ExplainedMatrixFree, ExplainedProducts } from '../run/explain-matrix-free.js';
import { kernelName } from '../run/method-name.js';
import { sizeText as size, workIn, workUnit } from './work-text.js';

/** Vectors of the sketch that preconditions, and products that are usual after it. */
const SKETCH = 32;
const USUAL_ITERATIONS = 30;

/** The plan of products with the kernel of one sample and formula. */
export const operatorPlanTable = (explained: ExplainedMatrixFree, cell: ExplainedProducts): Table => {
  const { plan, formula, shots, seed, predictedSeconds: one, predictedSecondsTogether: each } = cell;
  const { examples, vectors, groups, parameters, flops } = plan;
  const { threads, runtime } = explained.runtime;
  const usual = SKETCH * each + USUAL_ITERATIONS * one;
  const together = (plan.together.products + plan.together.thinProducts) / vectors;
  const solving = SKETCH * together + USUAL_ITERATIONS * flops;
  const unit = workUnit(solving);
  return {
    title: `${explained.task} · ${explained.model} · ${kernelName(formula)}${cell.space ? `, ${cell.space}` : ''}, ${shots}-shot, seed ${seed}, matrix-free`,
    columns: [
      { header: 'work', align: 'left' },
      { header: unit[1], align: 'right' },
      { header: 'time', align: 'right' },
    ],
    rows: [
      { cells: ['a product with one vector', workIn(flops, unit), durationText(one)] },
      {
        cells: [
          `a product with ${vectors} vectors together, for each of them`,
          workIn(together, unit),
          durationText(each),
        ],
      },
      {
        cells: [
          `a sketch of ${SKETCH} vectors and ${USUAL_ITERATIONS} iterations of conjugate gradients`,
          workIn(solving, unit),
          durationText(usual),
        ],
      },
    ],
    notes: [
      `${examples.train} training examples and ${examples.queries} queries have ${examples.tokens} tokens`,
      `a vector of ${parameters} parameters takes ${size(8 * parameters)}; the kernel itself would take ${size(8 * examples.train ** 2)} for each pair of outputs`,
      `${groups === 1 ? 'all batches go' : `batches go in ${groups} groups`} through the stages together, within the budget of ${size(plan.memory)} (--memory)`,
      'the number of iterations depends on the kernel and the smallest ridge; a larger ridge takes fewer',
      `on ${runtime}, ${threads} thread${threads === 1 ? '' : 's'}; the time to load weights is not included`,
    ],
  };
};
