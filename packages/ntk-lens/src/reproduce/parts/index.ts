import type { PartName } from '../../options/reproduce.js';
import { behaviour } from './behaviour.js';
import { chi } from './chi.js';
import { distances } from './distances.js';
import { linearization } from './linearization.js';
import { paired } from './paired.js';
import type { Part } from './part.js';
import { prompts } from './prompts.js';
import { solvers } from './solvers.js';
import { subspaces } from './subspaces.js';
import { tables } from './tables.js';

/** All parts by their names: a new one is a file, a line here and its name among those of the option. */
export const parts: Readonly<Record<PartName, Part>> = {
  tables,
  behaviour,
  linearization,
  distances,
  paired,
  prompts,
  subspaces,
  solvers,
  chi,
};
