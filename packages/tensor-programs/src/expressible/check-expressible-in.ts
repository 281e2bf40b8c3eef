import { type LanguageModel, randomModel, widened } from '@ntk-lens/models';
import type { ParameterSpace } from '@ntk-lens/subspace';
import { analyseStages } from './analyse-stages.js';
import { checkExpressible, type ExpressibleReport, expressibleReport } from './check-expressible.js';

/**
 * {@link checkExpressible} of a model in a parameter space: the factors of LoRA, the vectors of IA³, prefixes
 * and soft prompts are nodes like any other, and have gradients. The space is laid over random models of the
 * architecture at two widths, of which no weight is read; its own sizes (rank, prefix length) do not grow.
 *
 * A random subspace θ₀ + Πz has the graph of the model, but moves its weights along fixed directions. Those
 * of fast projections are no matrices of independent entries, so the answer is only whether the model itself
 * is expressible.
 *
 * @param model only its configuration is used
 * @example
 * ```ts
 * const { finding } = await checkExpressibleIn(await loadModel(modelDirectory), parseSpace('lora:r=8'));
 * finding.verdict; // 'holds'
 * ```
 * @throws what the space throws where it does not fit the model
 */
export const checkExpressibleIn = async (
  model: Pick<LanguageModel, 'config'>,
  space: ParameterSpace,
): Promise<ExpressibleReport> => {
  const { config } = model;
  const widths = [config.hiddenSize, 2 * config.hiddenSize] as const;
  const inSpace = (width: number) =>
    space.apply(
      randomModel(widened(config, width / config.hiddenSize), {
        parametrization: { name: 'standard', baseWidth: config.hiddenSize },
        seed: 0,
      }),
    );
  const where = space.spec === 'full' ? '' : ` in ${space.spec}`;
  const subject = `${config.modelType}${where}, width ${config.hiddenSize}`;
  const own = await inSpace(widths[0]);
  if (own.kernel.projection) {
    const report = checkExpressible(model);
    const { verdict } = report.finding;
    if (verdict !== 'holds') return report;
    const note =
      'the model is, but along fixed random directions that need not be matrices of independent entries';
    return { ...report, finding: { ...report.finding, subject, verdict: 'cannot tell', note } };
  }
  const twice = await inSpace(widths[1]);
  const analysis = analyseStages({
    stagesAt: (width) => (width === widths[0] ? own : twice).stages([0, 1]),
    widths,
    maxTokens: own.config.maxTokens,
  });
  return expressibleReport(analysis, subject);
};
