import type { TriedPrompt } from '@ntk-lens/lens';

/**
 * The findings and suggestions for data of one's own; the manifest of a run records them next to the sources
 * of its options.
 */
export interface Suggestion extends Readonly<Record<string, unknown>> {
  readonly columns: {
    readonly header: boolean;
    readonly text: readonly (string | number)[];
    readonly label: string | number;
    /** Others that could be meant. */
    readonly otherTexts: readonly (string | number)[];
    readonly otherLabels: readonly (string | number)[];
    /** All of the file. */
    readonly all: readonly (string | number)[];
  };
  readonly rows: number;
  /** Examples of every label. */
  readonly labels: Readonly<Record<string, number>>;
  /** Examples that are drawn of each label, and the test examples that are taken. */
  readonly shots: readonly number[];
  readonly test: number;
  readonly prompt?: {
    /** Training examples by which prompts were rated; 0 where several seeds leave none that no sample tests on. */
    readonly ratedOn: number;
    /** The best first. */
    readonly tried: readonly TriedPrompt[];
  };
}
