import type { Ask } from './ask.js';

/** A text stream of the program; `process.stdout` is one. */
export interface TextStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** The outside world of a command, so that it can be run in a test. */
export interface CliContext {
  /** Results. */
  readonly stdout: TextStream;
  /** Progress, notes and errors. */
  readonly stderr: TextStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Colours that the command line asks for. */
  readonly color?: 'auto' | 'always' | 'never';
  /** Fires on Ctrl-C. */
  readonly signal: AbortSignal;
  /** Asks a question; absent where nobody is there to answer. */
  readonly ask?: Ask;
  /** Tells a process that started this one as a worker how many units are done. */
  readonly onUnits?: (done: number) => void;
  /** Called with true where work goes on that looks at `signal` all the time, with false where it does not. */
  readonly onWork?: (on: boolean) => void;
}

/** Columns of a terminal; undefined for a file or a pipe, whose reader wants lines whole. */
export const columnsOf = ({ isTTY, columns }: TextStream): number | undefined =>
  isTTY ? columns || USUAL_COLUMNS : undefined;

/** Columns of a terminal that does not say how many it has, and of help in a pipe. */
export const USUAL_COLUMNS = 80;
