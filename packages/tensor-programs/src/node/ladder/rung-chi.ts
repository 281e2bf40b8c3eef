import { forwardLogits } from '@ntk-lens/models';
import { outputDerivatives } from '../../natural/output-derivatives.js';
import type { OpenRung } from './open-rung.js';

/** Mean |χ| of a model of a ladder on its queries, before any step. */
export const rungChi = ({ runtime, model, task, kept }: OpenRung): Promise<number> =>
  kept('chi', {}, async () => {
    const { labelWordIds, queries } = task;
    const logits = await forwardLogits({ runtime, model, examples: queries.examples, labelWordIds });
    const { sizes } = outputDerivatives(logits, queries.labels);
    return sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
  });
