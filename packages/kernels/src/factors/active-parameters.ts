import type { ParameterRef, Site, Stage } from '@ntk-lens/models';

/** Which parameters count, by Hugging Face name. All of them when absent. */
export type ParameterFilter = (name: string) => boolean;

/** A parameter whose gradient is a short dense vector per example: a bias, a LayerNorm weight, a small table. */
export interface VectorParameter {
  readonly site: Site;
  readonly parameter: ParameterRef;
  readonly part: 'bias' | 'scale' | 'shift' | 'table';
}

/** The parameters of one stage that take part in a kernel, by the shape that their gradients have. */
export interface ActiveParameters {
  readonly linear: readonly Extract<Site, { kind: 'linear' }>[];
  readonly vectors: readonly VectorParameter[];
  /** Word embeddings: gradients are rows of a large table, one per distinct token. */
  readonly tables: readonly Extract<Site, { kind: 'embedding' }>[];
}

/**
 * Sorts a stage's parameters by the shape of their gradients.
 *
 * @param filter parameters to take
 * @param keepNoise also take biases whose gradient is exactly zero (attention keys), as the reference does
 */
export const activeParameters = (
  stage: Stage,
  filter: ParameterFilter,
  keepNoise: boolean,
): ActiveParameters => {
  const linear: Extract<Site, { kind: 'linear' }>[] = [];
  const vectors: VectorParameter[] = [];
  const tables: Extract<Site, { kind: 'embedding' }>[] = [];
  const vector = (site: Site, parameter: ParameterRef | undefined, part: VectorParameter['part']) => {
    if (parameter && filter(parameter.name)) vectors.push({ site, parameter, part });
  };
  for (const site of stage.sites) {
    if (site.kind === 'linear') {
      if (filter(site.weight.name)) linear.push(site);
      if (!site.zeroBias || keepNoise) vector(site, site.bias, 'bias');
    } else if (site.kind === 'norm') {
      vector(site, site.scale, 'scale');
      vector(site, site.shift, 'shift');
    } else if (site.ids === 'ids') {
      if (filter(site.table.name)) tables.push(site);
    } else vector(site, site.table, 'table');
  }
  return { linear, vectors, tables };
};
