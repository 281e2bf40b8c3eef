import type { MapPair } from './formula.js';
import type { GradientMap } from './gradient-map.js';

/** A map as programs depend on it. */
export interface ProgramMap extends GradientMap {
  /** Equal for maps of one function and of equal properties: their factors are inputs of programs. */
  readonly identity: string;
}

/**
 * The maps as programs depend on them. A program for one map on both sides has one factor for both, and one triangle of
 * its panels where the map is not linear; two equal maps need another.
 */
export interface ProgramMaps {
  readonly train: ProgramMap;
  readonly query: ProgramMap;
  readonly same: boolean;
}

export const programMaps = ({ train, query }: MapPair): ProgramMaps => ({
  train: programMap(train),
  query: programMap(query),
  same: train === query,
});

const known = new WeakMap<GradientMap, ProgramMap>();
const functions = new WeakMap<GradientMap['tensor'], number>();
let count = 0;

/** The same value for the same map. */
export const programMap = (map: GradientMap): ProgramMap => {
  const { tensor, linear, keepsRankOne, ternary, needsFactors } = map;
  const id = functions.get(tensor) ?? count++;
  functions.set(tensor, id);
  const identity = JSON.stringify({ id, linear, keepsRankOne, ternary, needsFactors });
  const made = known.get(map) ?? { ...map, identity };
  known.set(map, made);
  return made;
};
