import type { ParameterRef, Site } from '@ntk-lens/models';
import type { ActiveParameters } from '../factors/active-parameters.js';

/** A site of which parameters move: local names (`weight`, `bias`, `scale`, `shift`, `table`) and parameters. */
export interface MovingSite {
  readonly site: Site;
  readonly parts: ReadonlyMap<string, ParameterRef>;
}

/** True for a word table, of which a batch needs the rows of its tokens only. */
export const isWordTable = (site: Site): boolean => site.kind === 'embedding' && site.ids === 'ids';

/** The active parameters of a stage by site. */
export const movingSites = ({ linear, vectors, tables }: ActiveParameters): MovingSite[] => {
  const found = new Map<string, { site: Site; parts: Map<string, ParameterRef> }>();
  const add = (site: Site, part: string, parameter: ParameterRef) => {
    const known = found.get(site.name) ?? { site, parts: new Map() };
    found.set(site.name, known);
    known.parts.set(part, parameter);
  };
  for (const site of linear) add(site, 'weight', site.weight);
  for (const { site, part, parameter } of vectors) add(site, part, parameter);
  for (const site of tables) add(site, 'table', site.table);
  return [...found.values()];
};
