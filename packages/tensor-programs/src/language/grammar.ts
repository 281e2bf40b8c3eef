import type { Random } from '@ntk-lens/core';
import {
  actions,
  actors,
  adjectives,
  fillers,
  judgements,
  objects,
  type Sentiment,
  sentiments,
  type Topic,
  topics,
} from './lexicon.js';

/** A text with what it hides. */
export interface Text {
  readonly topic: Topic;
  readonly sentiment: Sentiment;
  /** Words of the body, its full stop included. */
  readonly body: readonly string[];
}

/** The ending of a text after its body. */
export type Closing = 'sentiment' | 'topic' | 'none';
/** Four texts in five say their sentiment or their topic. */
export const closings: readonly Closing[] = ['sentiment', 'sentiment', 'topic', 'topic', 'none'];

const pick = <T>(random: Random, list: readonly T[]): T => list[random.interval(list.length - 1)]!;

/** Share of qualities that are said by negating their opposite. */
const NEGATED = 0.1;

/** `very fine`, `rather dull`, `not awful`: one to three words of one sentiment. */
const quality = (random: Random, sentiment: Sentiment): string[] => {
  if (random.randomSample() < NEGATED) {
    const opposite = sentiment === 'negative' ? 'positive' : 'negative';
    return [fillers.negation, pick(random, adjectives[opposite])];
  }
  const degree = random.randomSample() < 0.3 ? [pick(random, fillers.degrees)] : [];
  return [...degree, pick(random, adjectives[sentiment])];
};

/**
 * Draws a text. Topic and sentiment are hidden: the topic decides who does what to what, the sentiment which adjectives
 * occur. One of three forms, each with a chance of 1/3:
 *
 *     the minister signed a superb treaty and it was very fine .
 *     the broken server was rather dull today .
 *     a clever striker scored the goal .
 *
 * @param random its numbers decide everything that is not given
 */
export const drawText = (
  random: Random,
  given: { readonly topic?: Topic; readonly sentiment?: Sentiment } = {},
): Text => {
  const topic = given.topic ?? pick(random, topics);
  const sentiment = given.sentiment ?? pick(random, sentiments);
  const determiner = () => pick(random, fillers.determiners);
  const good = () => quality(random, sentiment);
  const [actor, action, object] = [
    pick(random, actors[topic]),
    pick(random, actions[topic]),
    pick(random, objects[topic]),
  ];
  const time = random.randomSample() < 0.3 ? [pick(random, fillers.times)] : [];
  const forms = [
    () => [determiner(), actor, action, determiner(), ...good(), object, 'and', 'it', 'was', ...good()],
    () => [determiner(), ...good(), object, 'was', ...good(), ...time],
    () => [determiner(), ...good(), actor, action, determiner(), object, ...time],
  ];
  return { topic, sentiment, body: [...pick(random, forms)(), '.'] };
};

/** Words that close a text; those that say its sentiment and topic follow from what it hides. */
export const closingWords = ({ topic, sentiment }: Text, closing: Closing): readonly string[] => {
  switch (closing) {
    case 'sentiment':
      return ['it', 'was', judgements[sentiment], '.'];
    case 'topic':
      return ['this', 'article', 'is', 'about', topic, 'news', '.'];
    case 'none':
      return [];
  }
};
