import {
  type LocalParameter,
  linearSites,
  linearSizes,
  partKey,
  rowsOf,
  type Stage,
  siteParameters,
  wordSites,
} from '@ntk-lens/models';
import { gradientForm } from '../sites/index.js';

/** True for a parameter that counts, by its Hugging Face name. Without a filter, all of them count. */
export type ParameterFilter = (name: string) => boolean;

/** A parameter whose gradient is a matrix, kept as its factors. */
export interface MatrixParameter extends LocalParameter {
  readonly inSize: number;
  readonly outSize: number;
  /** The parameter is stored `[in, out]`. */
  readonly inFirst: boolean;
}

/** A parameter whose gradient is a vector, which is summed over all of its uses in the stage. */
export interface VectorParameter extends LocalParameter {
  readonly uses: readonly LocalParameter[];
}

/** The parameters of one stage that take part in a kernel, by the form of their gradients. */
export interface ActiveParameters {
  /** One for each use. */
  readonly matrices: readonly MatrixParameter[];
  readonly vectors: readonly VectorParameter[];
  readonly rows: readonly LocalParameter[];
  /** Names which of the stage's parameters these are. */
  readonly identity: string;
}

/** All of them, in order. */
export const allActive = ({ matrices, vectors, rows }: ActiveParameters): readonly LocalParameter[] => [
  ...matrices,
  ...vectors,
  ...rows,
];

/** All of their uses. */
export const activeUses = ({ matrices, vectors, rows }: ActiveParameters): readonly LocalParameter[] => [
  ...matrices,
  ...vectors.flatMap(({ uses }) => uses),
  ...rows,
];

/** Identifies a parameter whose gradient is a vector. */
export const vectorKey = ({ ref, role }: LocalParameter): string => `${partKey(ref)}.${role}`;

const withUses = (vectors: readonly LocalParameter[]): VectorParameter[] => {
  const uses = new Map<string, LocalParameter[]>();
  for (const vector of vectors) {
    const key = vectorKey(vector);
    uses.set(key, [...(uses.get(key) ?? []), vector]);
  }
  return [...uses.values()].map((own) => ({ ...own[0]!, uses: own }));
};

/**
 * Sorts a stage's parameters by the form of their gradients.
 *
 * @param filter parameters to take
 * @param keepNoise also take those whose gradient is exactly zero (biases of attention keys), as the reference does
 */
export const activeParameters = (
  stage: Stage,
  filter: ParameterFilter,
  keepNoise: boolean,
): ActiveParameters => {
  const own = stage.sites
    .flatMap(siteParameters)
    .filter(({ ref, zero }) => filter(ref.name) && (keepNoise || !zero));
  const matrices = own
    .filter((parameter) => gradientForm(parameter) === 'matrix')
    .map((parameter): MatrixParameter => {
      const inFirst = parameter.inFirst ?? false;
      return { ...parameter, inFirst, ...linearSizes({ weight: parameter.ref, inFirst }) };
    });
  const vectors = withUses(own.filter((parameter) => gradientForm(parameter) === 'vector'));
  const rows = own.filter((parameter) => gradientForm(parameter) === 'rows');
  const locals = (list: readonly LocalParameter[]) => list.map(({ local }) => local).join();
  const identity = [
    locals(matrices),
    vectors.map(({ uses }) => uses.map(({ local }) => local).join('+')).join(),
    locals(rows),
  ].join(' | ');
  return { matrices, vectors, rows, identity };
};

/**
 * The active parameters of every stage.
 *
 * @param tied the decoder counts as the word embeddings, and goes by their name
 */
export const activeIn = (
  stages: readonly Stage[],
  filter: ParameterFilter,
  keepNoise: boolean,
  tied: boolean,
): ActiveParameters[] => {
  const [words] = stages.flatMap(({ sites }) => wordSites(sites));
  return stages.map((stage) => {
    const decoder = linearSites(stage.sites).find(({ weight }) => rowsOf(weight) !== undefined);
    const named = (name: string) =>
      tied && name === decoder?.weight.name ? words !== undefined && filter(words.table.name) : filter(name);
    return activeParameters(stage, named, keepNoise);
  });
};
