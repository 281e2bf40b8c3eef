import type { Resident } from '@ntk-lens/engine';
import { sameValue, tf } from '@ntk-lens/engine';
import {
  type ChainBatch,
  defineBackward,
  type StageChain,
  type StageGradients,
  type Wanted,
} from '@ntk-lens/models';
import { vectorGradient } from '../sites/index.js';
import type { VectorLengths } from '../sites/kernel-site.js';
import { type ActiveParameters, activeUses, allActive, type MatrixParameter } from './active-parameters.js';

/** Factors of one matrix gradient for one batch. */
export interface MatrixFactors {
  readonly indices: readonly number[];
  /** Gradients per example: C. */
  readonly outputs: number;
  /** Examples. */
  readonly n: number;
  /** Tokens of an example, padding included. */
  readonly length: number;
  /** Tokens of each example before its padding. Default: as many as `length`. */
  readonly tokens?: readonly number[];
  /** Activations `[n, T', in]`; parameters that read the same share the tensor. */
  readonly a: Resident;
  /** Cotangents `[n, T', out]` of each output; parameters whose outputs are added to the same share the tensors. */
  readonly b: readonly Resident[];
}

/** The gradient factors of a stage's parameters in one batch, in the order of {@link ActiveParameters}. */
export interface BatchFactors {
  readonly indices: readonly number[];
  readonly ids: readonly (readonly number[])[];
  readonly matrices: readonly MatrixFactors[];
  /** All vector gradients side by side, `[C, n, P]`. */
  readonly vectors: Resident | undefined;
  /** Cotangents of each word embedding's output, `[C, n, T, d]`. */
  readonly rows: readonly Resident[];
}

interface FactorSettings {
  readonly active: ActiveParameters;
  readonly lengths: VectorLengths;
  readonly wanted: Wanted;
}

/** Factors of matrices of which all read the same activations, or all have the same cotangents: those stand there once. */
export interface SharedFactors<Leaf> {
  /** By local name of the parameter, or one for all. */
  readonly activations: Readonly<Record<string, Leaf>>;
  /** For each output; by local name of the parameter, or once for all. */
  readonly cotangents: Readonly<Record<string, readonly Leaf[]>>;
}

/** The matrices of a group, by local name. */
export const localsOf = ({ activations, cotangents }: SharedFactors<unknown>): readonly string[] =>
  Object.keys({ ...activations, ...cotangents });

const shareFactors = (
  matrices: readonly MatrixParameter[],
  { activation, cotangents }: Pick<StageGradients, 'activation' | 'cotangents'>,
): readonly SharedFactors<tf.Tensor>[] => {
  const groups: {
    activations: Record<string, tf.Tensor>;
    cotangents: Record<string, readonly tf.Tensor[]>;
  }[] = [];
  for (const { local, site } of matrices) {
    const [a, b] = [activation(site.name), cotangents(site.name)];
    const only = <T>(by: Readonly<Record<string, T>>) => {
      const all = Object.values(by);
      return all.length === 1 ? all[0] : undefined;
    };
    const reading = groups.find((group) => only(group.activations) === a);
    const adding = groups.find(({ cotangents: own }) => {
      const known = only(own);
      return known?.every((one, f) => sameValue(one, b[f]!));
    });
    if (reading) reading.cotangents[local] = b;
    else if (adding) adding.activations[local] = a;
    else groups.push({ activations: { [local]: a }, cotangents: { [local]: b } });
  }
  return groups;
};

/**
 * Gradient factors of one stage for a batch, C outputs at once (docs/theory.md, Sites). They are the
 * cotangents and inputs of matrices, once for all that share them; all vector gradients; and the cotangents of
 * word embeddings.
 */
export const factorProgram = defineBackward('factors', (stage, { active, lengths }: FactorSettings) => {
  const { activation, cotangents } = stage;
  const { matrices, vectors, rows } = active;
  const [first] = [...vectors];
  const outputs = first ? cotangents(first.site.name).length : 0;
  const gradients = Array.from({ length: outputs }, (_, f) => {
    const parts = vectors.map(({ uses }) =>
      uses
        .map((use) => {
          const { name } = use.site;
          return vectorGradient(use, cotangents(name)[f]!, activation(name), lengths);
        })
        .reduce((sum, part) => sum.add(part)),
    );
    return parts.length === 1 ? parts[0]! : tf.concat(parts, 1);
  });
  return {
    matrices: shareFactors(matrices, stage),
    rows: rows.map(({ site }) => tf.stack([...cotangents(site.name)])),
    vectors: gradients.length > 0 ? tf.stack(gradients) : undefined,
  };
});

/** With respect to what a stage is differentiated for its factors: the outputs of the sites of active parameters. */
export const factorsWanted = (active: ActiveParameters): Wanted => {
  const own = new Set(activeUses(active).map(({ site }) => site.name));
  return { sites: [...own], weights: [], input: true };
};

/** An example batch: token ids without padding, and where its examples stand in the list. */
export interface ExampleBatch {
  readonly indices: readonly number[];
  readonly ids: readonly (readonly number[])[];
  readonly running: ChainBatch;
}

/**
 * Runs one stage backwards for a batch: its factors, and the cotangents for the stage below, which replace
 * the batch's. The state that entered the stage, and what was kept of it, is released.
 */
export const stageFactors = async (
  chain: StageChain,
  index: number,
  { indices, ids, running }: ExampleBatch,
  active: ActiveParameters,
  lengths: VectorLengths,
): Promise<BatchFactors> => {
  const none = { indices, ids, matrices: [], vectors: undefined, rows: [] };
  // The first stage is not run backwards for nothing.
  if (index === 0 && allActive(active).length === 0) return none;
  const wanted = factorsWanted(active);
  const made = await chain.backward(index, running, factorProgram, { active, lengths, wanted });
  const n = indices.length;
  const factors = new Map(
    made.matrices.flatMap((group) =>
      localsOf(group).map((local): [string, MatrixFactors] => {
        const [a, b] = [ownOr(group.activations, local), ownOr(group.cotangents, local)];
        const length = a.shape[1] ?? 1;
        // Sites that see other rows than the batch's tokens have no padding that we know of.
        const tokens = length === running.length ? ids.map((own) => own.length) : undefined;
        return [local, { a, b, indices, outputs: b.length, n, length, tokens }];
      }),
    ),
  );
  return {
    ...none,
    matrices: active.matrices.flatMap(({ local }) => factors.get(local) ?? []),
    vectors: made.vectors,
    rows: made.rows,
  };
};

/** The entry of a name, or else the only one. */
const ownOr = <T>(by: Readonly<Record<string, T>>, local: string): T => by[local] ?? Object.values(by)[0]!;
