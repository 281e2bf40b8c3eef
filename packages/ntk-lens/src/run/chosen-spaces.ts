import { createHash } from 'node:crypto';
import { type ParameterSpace, parseSpace } from '@ntk-lens/subspace';
import { ConflictingOptionsError } from '../options/errors.js';
import type { RunConfig } from '../options/run-config.js';

/** A parameter space of a run. */
export interface ChosenSpace {
  readonly space: ParameterSpace;
  /** As the user wrote it, for tables. */
  readonly name: string;
}

/**
 * The spaces that a configuration names, read; all parameters where it names none.
 *
 * @throws UnknownSpaceError, SpaceSpecError; ConflictingOptionsError for one space twice
 */
export const chosenSpaces = ({ spaces: names = ['full'] }: RunConfig): readonly ChosenSpace[] => {
  const spaces = names.map((name) => ({ name, space: parseSpace(name) }));
  for (const [i, { name, space }] of spaces.entries()) {
    const other = spaces.find((earlier, j) => j < i && earlier.space.spec === space.spec);
    if (other)
      throw new ConflictingOptionsError(
        `\`spaces\` names one space twice: ${other.name} and ${name} are both ${space.spec}.`,
        'Leave one of them out.',
      );
  }
  return spaces;
};

/** A folder's name for a space; what a name cannot show, a hash tells apart. */
export const folderOf = ({ spec }: ParameterSpace): string => {
  const plain = spec.replace(/[:,]/g, '-').replace(/[^\w.+=-]/g, '_');
  if (/^[\w.+=:,-]*$/.test(spec)) return plain;
  return `${plain}-${createHash('sha256').update(spec).digest('hex').slice(0, 8)}`;
};
