import type { tf } from '@ntk-lens/engine';
import type { ParameterRef } from '../../sites/parameter-ref.js';
import type { Site } from '../../sites/site.js';
import { defineStage } from '../../stages/define-stage.js';
import type { Stage } from '../../stages/stage.js';
import type { StageAccess } from '../../stages/stage-access.js';
import { normOf } from './causal-layer.js';
import { flatten } from './layers.js';

/** The operations between the last layer and the decoder of a causal model. */
export interface LastStates {
  /** Their sites, in order: `norm`, `projection`. */
  readonly sites: readonly Site[];
  /** A LayerNorm without parameters comes first, with this ε. */
  readonly plainNorm?: number;
}

interface EndSettings {
  readonly names: readonly string[];
  readonly plainNorm: number | undefined;
}

const lastStates = ({ names, plainNorm }: EndSettings, at: StageAccess, x: tf.Tensor): tf.Tensor => {
  const first = plainNorm === undefined ? x : normOf(at, plainNorm)('norm', x);
  return names.reduce((y, name) => at.use(name, y), first);
};

const settingsOf = ({ sites, plainNorm }: LastStates): EndSettings => ({
  names: sites.map(({ name }) => name),
  plainNorm,
});

const states = defineStage((settings: EndSettings, at, _side, x) => lastStates(settings, at, x!));

const logits = defineStage((settings: EndSettings, at, _side, x) =>
  flatten(at.use('decoder', lastStates(settings, at, x!))),
);

/** The end of an encoder with states for every token; absent where layers are followed by nothing. */
export const finalStates = (end: LastStates): Stage | undefined =>
  end.sites.length === 0 && end.plainNorm === undefined
    ? undefined
    : states({ name: 'final', settings: settingsOf(end), sites: end.sites });

/** The head of a causal model, without a bias: logits `[n, C]` of the label words, in this order. */
export const causalHead = (end: LastStates, decoder: ParameterRef, labelWordIds: readonly number[]): Stage =>
  logits({
    name: 'head',
    settings: settingsOf(end),
    sites: [
      ...end.sites,
      { kind: 'linear', name: 'decoder', weight: { ...decoder, part: { rows: labelWordIds } } },
    ],
  });

const sumOfEmbeddings = defineStage((dropout: number, at, side) => {
  const words = at.use('words', side.ids);
  const wide = at.has('projection') ? at.use('projection', words) : words;
  const placed = at.has('positions') ? wide.add(at.use('positions', side.positions)) : wide;
  return at.dropout('embeddings', placed, dropout);
});

/** Words, projected and with positions where the sites have a `projection` and `positions`. */
export const causalEmbeddings = (sites: readonly Site[], dropout: number): Stage =>
  sumOfEmbeddings({ name: 'embeddings', settings: dropout, sites });
