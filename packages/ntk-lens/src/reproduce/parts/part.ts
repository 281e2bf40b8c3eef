import type { Table } from '@ntk-lens/report';
import type { TaskSpec } from '@ntk-lens/tasks';
import type { RunConfig } from '../../options/run-config.js';
import type { ProtocolCell, Results } from '../cells/protocol-cell.js';
import type { ReproduceConfig } from '../config.js';
import type { ReproducedLadder } from '../ladder.js';

/** One task of a reproduction, with all its samples. */
export interface TaskOfPart {
  readonly run: RunConfig;
  readonly spec: TaskSpec;
}

/** The settings by which a part chooses its cells. */
export interface PartRequest {
  readonly config: ReproduceConfig;
  /** Tasks whose data are there. */
  readonly tasks: readonly TaskOfPart[];
  /** Names of the others. */
  readonly missing: readonly string[];
  /** Models of several widths, where they are given. */
  readonly ladder?: ReproducedLadder;
  /** Name of the model, for captions. */
  readonly model: string;
}

/** Tables and figures by the name of their file. */
export interface Told {
  readonly tables: Readonly<Record<string, Table>>;
  /** SVG. */
  readonly figures: Readonly<Record<string, string>>;
}

/** A part of the protocol, with its cells, and tables and figures of their results. */
export interface Part {
  readonly title: string;
  readonly cells: (request: PartRequest) => readonly ProtocolCell[];
  readonly tell: (request: PartRequest, results: Results) => Told;
}
