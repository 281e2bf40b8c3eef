import {
  type LocalParameter,
  linearSites,
  linearSizes,
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

/** The parameters of one stage that take part in a kernel, by the form of their gradients. */
export interface ActiveParameters {
  readonly matrices: readonly MatrixParameter[];
  readonly vectors: readonly LocalParameter[];
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
  const vectors = own.filter((parameter) => gradientForm(parameter) === 'vector');
  const rows = own.filter((parameter) => gradientForm(parameter) === 'rows');
  const identity = [matrices, vectors, rows].map((list) => list.map(({ local }) => local).join()).join(' | ');
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
