import { buildStages, type LanguageModel, widened } from '@ntk-lens/models';
import type { Finding } from '../verdict.js';
import { analyseStages, type StageAnalysis, type Violation } from './analyse-stages.js';
import { type NodeClass, nodeClasses } from './classify-node.js';

/** The analysis of a model with its verdict, for tables of checks. */
export interface ExpressibleReport extends StageAnalysis {
  readonly finding: Finding;
  /** Nodes by class in the forward pass and in the gradients. */
  readonly table: readonly {
    readonly class: NodeClass;
    readonly forward: number;
    readonly gradient: number;
  }[];
}

/**
 * Is this model expressible as a Tensor Program, a premise of the prompted fine-tuning theorem (docs/theory.md)? Its
 * architecture is traced, forward and backward, at its own width and at twice that (heads, layers, vocabulary and
 * tokens alike), and every node is classified; no weight is read and nothing is computed. `ntk-lens check` prints
 * `finding`, and `table` and `violations` below it.
 *
 * Expressible says nothing about scales: whether logits stay of order 1 is a matter of the parametrization
 * (`classifyAbc`). Inner products of activations are noted with the power of width that they are scaled by.
 *
 * @param model only its configuration is used
 * @example
 * ```ts
 * const { finding, table } = checkExpressible(await loadModel(modelDirectory));
 * finding.verdict; // 'holds'
 * ```
 */
export const checkExpressible = (model: Pick<LanguageModel, 'config'>): ExpressibleReport => {
  const { config } = model;
  const at = (width: number): StageAnalysis =>
    analyseStages({
      stagesAt: (n) => buildStages(widened(config, n / config.hiddenSize), [0, 1]),
      widths: [width, 2 * width],
      maxTokens: config.maxTokens,
    });
  const own = at(config.hiddenSize);
  // Constants can be equal by chance at one width, 1/√4 and GELU's ½, and are one node there. A violation
  // that depends on width does so at every width.
  const analysis = own.violations.length === 0 ? own : at(3 * config.hiddenSize);
  return expressibleReport(analysis, `${config.modelType}, width ${config.hiddenSize}`);
};

/** An analysis of any network with its verdict. */
export const expressibleReport = (analysis: StageAnalysis, subject: string): ExpressibleReport => {
  const { counts, gradientCounts, violations, notes } = analysis;
  const remarks = [...new Set(notes.map(({ note }) => note))];
  return {
    ...analysis,
    finding: {
      condition: 'expressible',
      subject,
      verdict: violations.length === 0 ? 'holds' : 'fails',
      measure: 'nodes of the traced graph, forward and backward, that no Tensor Program has',
      statistic: violations.length,
      threshold: '= 0',
      definition:
        'made of matrix products, coordinatewise nonlinearities and moments (docs/theory.md, Prompted fine-tuning theorem)',
      note: violations[0] ? violationText(violations[0]) : remarks.join('; ') || undefined,
    },
    table: nodeClasses.map((kind) => ({
      class: kind,
      forward: counts[kind],
      gradient: gradientCounts[kind],
    })),
  };
};

/** One line for one violation. */
export const violationText = ({ stage, site, op, node, shape, problem }: Violation): string =>
  `${stage}, ${site}: ${op}${node === undefined ? '' : ` ${shape} (node ${node})`}: ${problem}`;
