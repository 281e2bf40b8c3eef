import type { TaskSpec } from '../spec/task-spec.js';
import { inference, single, templates } from './families.js';

/** Tasks whose data come with this package. */
export const embeddedTasks: readonly TaskSpec[] = [
  {
    ...single,
    name: 'sentiment',
    displayName: 'Sentiment (embedded)',
    labels: ['negative', 'positive'],
    labelWords: { negative: 'terrible', positive: 'great' },
    template: templates.itWas,
    metrics: ['accuracy'],
    maxLength: 128,
    embedded: true,
  },
  {
    ...single,
    name: 'topic',
    displayName: 'Topic (embedded)',
    labels: ['world', 'sports', 'business', 'technology'],
    labelWords: { world: 'world', sports: 'sports', business: 'business', technology: 'technology' },
    template: templates.aboutNews,
    metrics: ['accuracy'],
    maxLength: 128,
    embedded: true,
  },
  {
    ...inference,
    name: 'entailment',
    displayName: 'Entailment (embedded)',
    labelWords: { contradiction: 'no', entailment: 'yes', neutral: 'maybe' },
    maxLength: 128,
    embedded: true,
  },
];
