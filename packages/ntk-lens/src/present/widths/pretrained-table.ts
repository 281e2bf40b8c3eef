import type { Table } from '@ntk-lens/report';
import type { LadderManifest } from '@ntk-lens/tensor-programs';

/** The models of a ladder, with the results of their training. */
export const ladderTable = ({ scheme, rungs }: LadderManifest): Table => ({
  title: `Ladder of ${scheme.parametrization} with ${scheme.optimizer}, ${scheme.steps} steps of ${scheme.batchSize} texts`,
  columns: [
    { header: 'width' },
    { header: 'seed' },
    { header: 'parameters' },
    { header: 'loss, first' },
    { header: 'last' },
    { header: 'sentiment' },
    { header: 'mean |χ|' },
    { header: 'topic' },
    { header: 'mean |χ|' },
  ],
  rows: rungs.map(({ width, seed, parameters, loss, zeroShot: { sentiment, topic } }, i) => ({
    cells: [
      width,
      seed,
      parameters,
      loss.first.toFixed(3),
      loss.last.toFixed(3),
      sentiment.accuracy.toFixed(3),
      sentiment.chi.toFixed(4),
      topic.accuracy.toFixed(3),
      topic.chi.toFixed(4),
    ],
    rule: i > 0 && rungs[i - 1]!.width !== width,
  })),
  notes: [
    `${scheme.layers} layers, ${scheme.heads} heads; learning rate ${scheme.learningRate} at width ${scheme.baseWidth}; corpus of seed ${scheme.languageSeed}`,
    'loss: cross-entropy of a masked word, nats, mean over the first and the last twentieth of the steps',
    'sentiment, topic: zero-shot accuracy on 128 prompts each, and |χ| = 1 − p(right label)',
  ],
});
