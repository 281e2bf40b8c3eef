import { createHash } from 'node:crypto';
import { ConflictingOptionsError } from '../options/errors.js';
import type { RunConfig } from '../options/run-config.js';

/** A parameter space of a run. */
export interface ChosenSpace {
  /** With all its options, as `parseSpace` writes it. */
  readonly spec: string;
  /** As the user wrote it, for tables. */
  readonly name: string;
}

/** All parameters: what a run takes that names no space. */
const full: ChosenSpace = { spec: 'full', name: 'full' };

/**
 * The spaces that a configuration names, read.
 *
 * @throws UnknownSpaceError, SpaceSpecError; ConflictingOptionsError for one space twice, or spaces without a prompt
 */
export const chosenSpaces = async (config: RunConfig): Promise<readonly ChosenSpace[]> => {
  if (config.spaces === undefined) return [full];
  const { parseSpace } = await import('@ntk-lens/subspace');
  const spaces = config.spaces.map((name) => ({ name, spec: parseSpace(name).spec }));
  for (const [i, { name, spec }] of spaces.entries()) {
    const other = spaces.find((space, j) => j < i && space.spec === spec);
    if (other)
      throw new ConflictingOptionsError(
        `--space names one space twice: ${other.name} and ${name} are both ${spec}.`,
        'Leave one of them out.',
      );
    if (config.noPrompt && spec !== full.spec)
      throw new ConflictingOptionsError(
        `--no-prompt takes the kernel of all parameters, a new head's among them, and --space names ${name}.`,
        'Leave --no-prompt out, or --space.',
      );
  }
  return spaces;
};

/** True for the kernel of all parameters. */
export const isFull = (space: Pick<ChosenSpace, 'spec'>): boolean => space.spec === full.spec;

/** Seed of what a space draws: fine-tuning on the same sample starts at the same point. */
export const spaceSeedOf = (config: RunConfig, sample: { readonly seed: number }): number =>
  config.spaceSeed ?? sample.seed;

/** A folder's name for a space; what a name cannot show, a hash tells apart. */
export const folderOf = ({ spec }: ChosenSpace): string => {
  const plain = spec.replace(/[:,]/g, '-').replace(/[^\w.+=-]/g, '_');
  if (/^[\w.+=:,-]*$/.test(spec)) return plain;
  return `${plain}-${createHash('sha256').update(spec).digest('hex').slice(0, 8)}`;
};
