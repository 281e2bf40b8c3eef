import type { ParameterFilter } from '@ntk-lens/kernels';
import {
  type LanguageModel,
  type LocalParameter,
  type ParameterRange,
  type ParameterRef,
  rangeOf,
  rowsOf,
  type Stage,
  siteParameters,
  usedShape,
} from '@ntk-lens/models';
import { keyOf } from './variable-key.js';

/** A tensor that training changes: a stored tensor, a range of it, or some of its rows. */
export interface Variable {
  /** Stable name: that of the stored tensor, and the range where it is one. */
  readonly key: string;
  /** Name of the parameter as the network first uses it. */
  readonly parameter: string;
  /** Name and shape of the stored tensor. */
  readonly stored: string;
  readonly storedShape: readonly number[];
  /** Shape in which it is trained. */
  readonly shape: readonly number[];
  /**
   * Rows of the stored tensor, ascending. The others never get a gradient in this training, so leaving them out
   * changes nothing and saves most of a vocabulary.
   */
  readonly rows?: readonly number[];
  readonly range?: ParameterRange;
  /** Stage that uses it first; variables of one stage are updated together. */
  readonly group: string;
  /** Whether weight decay applies. */
  readonly decays: boolean;
}

/** The way in which a stage's weight is made. */
export type WeightUse =
  /** Read, and never changed. */
  | { readonly kind: 'frozen'; readonly ref: ParameterRef; readonly words: boolean }
  /** `words`: a table whose rows are chosen by token ids. */
  | { readonly kind: 'variable'; readonly variable: Variable; readonly words: boolean }
  /** Rows of a variable, by their places in it: the label words of a decoder. */
  | { readonly kind: 'rows'; readonly variable: Variable; readonly places: readonly number[] };

/** The variables of a training, and the way each stage's weights come from them. */
export interface VariablePlan {
  readonly stages: readonly Stage[];
  /** In the order of first use. */
  readonly variables: readonly Variable[];
  /** Stage name → local weight name → use. */
  readonly uses: ReadonlyMap<string, Readonly<Record<string, WeightUse>>>;
  /** Token id → row of the resident word tables. Tokens that training sees come first. */
  readonly wordRows: ReadonlyMap<number, number>;
  /** Number of them that are trained where the table is. */
  readonly trainedWords: number;
}

export interface PlanOptions {
  readonly trainable: ParameterFilter;
  /** Token ids of all training examples, padding included. */
  readonly trainTokens: ReadonlySet<number>;
  /** Token ids that are only read, by evaluation. */
  readonly otherTokens: ReadonlySet<number>;
  /** Parameters that weight decay changes, all their rows; none without decay. */
  readonly decayed: ParameterFilter;
}

const ascending = (values: Iterable<number>): number[] => [...new Set(values)].sort((a, b) => a - b);

interface Use {
  readonly stage: Stage;
  readonly local: string;
  readonly ref: ParameterRef;
  /** Its part in its site; absent for weights that an extension of the stage uses. */
  readonly parameter: LocalParameter | undefined;
}

const isWordTable = ({ parameter }: Use): boolean => parameter?.lookup === 'ids';
const hasZeroGradient = ({ parameter }: Use): boolean => parameter?.zero ?? false;

const usesOf = (stages: readonly Stage[]): Use[] =>
  stages.flatMap((stage) => {
    const parameters = new Map(
      stage.sites.flatMap(siteParameters).map((parameter) => [parameter.local, parameter] as const),
    );
    return Object.entries(stage.weights).map(([local, ref]) => ({
      stage,
      local,
      ref,
      parameter: parameters.get(local),
    }));
  });

/**
 * Decides what training changes. Biases of attention keys, whose gradient is zero up to rounding, stay as
 * they are. A tied decoder is the same variable as the word embeddings, as in transformers.
 */
export const planVariables = (
  model: Pick<LanguageModel, 'storedName' | 'config'>,
  stages: readonly Stage[],
  { trainable, trainTokens, otherTokens, decayed }: PlanOptions,
): VariablePlan => {
  const all = usesOf(stages);
  const byStored = new Map<string, Use[]>();
  for (const use of all) {
    const stored = model.storedName(use.ref.name);
    byStored.set(stored, [...(byStored.get(stored) ?? []), use]);
  }
  const everyWord = Array.from({ length: model.config.vocabSize }, (_, i) => i);
  let trainedWords = ascending(trainTokens);
  const variables = new Map<string, Variable>();
  const planned = new Map<Use, WeightUse>();
  for (const [stored, uses] of byStored) {
    const { ref, stage } = uses[0]!;
    const decays = decayed(ref.name);
    const base = { parameter: ref.name, stored, storedShape: ref.shape, group: stage.name, decays };
    const words = uses.some(isWordTable);
    const labelRows = uses.flatMap((use) => rowsOf(use.ref) ?? []);
    let table: Variable | undefined;
    // A decoder of the whole vocabulary moves every row.
    const whole = decays || uses.some((use) => !isWordTable(use) && rowsOf(use.ref) === undefined);
    if (trainable(ref.name) && (words || labelRows.length > 0)) {
      const rows = whole
        ? Array.from({ length: ref.shape[0]! }, (_, i) => i)
        : ascending([...(words ? trainedWords : []), ...labelRows]);
      if (words) trainedWords = whole ? everyWord : rows;
      table = { ...base, key: stored, shape: [rows.length, ...ref.shape.slice(1)], rows };
      variables.set(table.key, table);
    }
    for (const use of uses) {
      if (!trainable(ref.name) || hasZeroGradient(use)) {
        planned.set(use, { kind: 'frozen', ref: use.ref, words: isWordTable(use) });
      } else if (table) {
        const places = new Map(table.rows!.map((row, place) => [row, place]));
        const chosen = rowsOf(use.ref);
        planned.set(
          use,
          chosen
            ? { kind: 'rows', variable: table, places: chosen.map((row) => places.get(row)!) }
            : { kind: 'variable', variable: table, words: isWordTable(use) },
        );
      } else {
        const range = rangeOf(use.ref);
        const key = keyOf(stored, range);
        const shape = usedShape(use.ref);
        const variable = variables.get(key) ?? { ...base, key, shape, range };
        variables.set(key, variable);
        planned.set(use, { kind: 'variable', variable, words: false });
      }
    }
  }
  const wordRows = new Map(
    [...trainedWords, ...ascending(otherTokens).filter((id) => !trainTokens.has(id))].map((id) => [id, -1]),
  );
  for (const [place, id] of [...wordRows.keys()].entries()) wordRows.set(id, place);
  const stageUses = new Map<string, Record<string, WeightUse>>(stages.map(({ name }) => [name, {}]));
  for (const use of all) stageUses.get(use.stage.name)![use.local] = planned.get(use)!;
  const order = new Map(stages.map(({ name }, i) => [name, i]));
  return {
    stages,
    variables: [...variables.values()].sort((a, b) => order.get(a.group)! - order.get(b.group)!),
    uses: stageUses,
    wordRows,
    trainedWords: trainedWords.length,
  };
};
