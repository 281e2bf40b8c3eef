import { elementwiseRules } from './elementwise.js';
import { indexingRules } from './indexing.js';
import { layoutRules } from './layout.js';
import { productRules } from './products.js';
import { reductionRules } from './reductions.js';
import type { LoweringRule } from './rule.js';

const rules = new Map<string, LoweringRule>(
  Object.entries({
    ...elementwiseRules,
    ...reductionRules,
    ...layoutRules,
    ...indexingRules,
    ...productRules,
  }),
);

/** The rule of an operation, if it has one. */
export const loweringRule = (op: string): LoweringRule | undefined => rules.get(op);

/** Adds the rule of an operation that only this project has (see `defineOperation`). */
export const registerLowering = (op: string, rule: LoweringRule): void => {
  rules.set(op, rule);
};
