import { basename, join } from 'node:path';
import type { Cell, Table } from '@ntk-lens/report';
import type { Page, Part, Section } from '@ntk-lens/report/page';
import { readExamples } from '../../run/examples-file.js';
import type { CellResult, Experiment } from '../../run/experiment.js';
import { cellKernelName } from '../../run/method-name.js';
import { programAndVersion } from '../../version.js';
import { experimentNotes } from '../experiment-notes.js';
import { accuracyFigure, cellNames } from '../figures.js';
import { kernelTable } from '../kernel-table.js';
import { experimentTable } from '../results-table.js';
import { spacesFigure } from '../spaces-figure.js';
import { spacesTable } from '../spaces-table.js';
import { examplesPart, MOST_CHARACTERS, readPredictions } from './examples-part.js';
import { MOST_KERNELS, mostOf } from './kernel-size.js';
import { kernelView, openKernel } from './kernel-view.js';
import { provenanceSection } from './provenance.js';
import { solvedPart } from './solved-part.js';

const percent = (cell: Cell): string => {
  if (cell === null || typeof cell === 'string') return cell ?? '–';
  const { mean, sd } = typeof cell === 'number' ? { mean: cell, sd: 0 } : cell;
  return `${(100 * mean).toFixed(1)} %${sd > 0 ? ` ± ${(100 * sd).toFixed(1)}` : ''}`;
};

/** The test results of a table's rows, as numbers at the top of a page. */
const numbersOf = ({ columns, rows }: Table): Part => {
  const name = columns.findIndex(({ header }) => header === 'method');
  const value = columns.findIndex(({ header }) => header.startsWith('test '));
  const scaled = columns[value]?.percent === true;
  return {
    kind: 'numbers',
    numbers: rows.slice(0, 8).map(({ cells, strong }) => {
      const cell = cells[value]!;
      const plain =
        typeof cell === 'number' ? cell : typeof cell === 'object' && cell ? cell.mean : undefined;
      return {
        name: String(cells[name]),
        value: scaled || plain === undefined ? percent(cell) : plain.toFixed(3),
        note: columns[value]!.header,
        strong,
      };
    }),
  };
};

/** A table without its last column, of times: runs with the same results have the same report. */
const withoutTimes = ({ columns, rows, ...table }: Table): Table => ({
  ...table,
  columns: columns.slice(0, -1),
  rows: rows.map((row) => ({ ...row, cells: row.cells.slice(0, -1) })),
});

/** Where a cell's files are, wherever the directory was moved to. */
const directoryOf = (directory: string, cells: readonly CellResult[], cell: CellResult): string =>
  cells.length === 1 ? directory : join(directory, basename(cell.directory));

/** A sentence on the kernels that a page has no room for. */
const leftOut = (cells: readonly CellResult[]): readonly Part[] =>
  cells.length > MOST_KERNELS
    ? [
        {
          kind: 'text',
          text: `The first ${MOST_KERNELS} of ${cells.length} kernels are shown; "ntk-lens report" on the folder of another one shows that.`,
        },
      ]
    : [];

/**
 * The page of `run` and `kernel`: results, heat map and spectrum of every kernel, examples and provenance.
 *
 * @param directory that holds the run now
 * @param memory budget for a kernel, in bytes: a larger one is read by rows. Default: that of the run
 * @throws what reading kernels throws
 */
export const runPage = async (
  experiment: Experiment,
  directory: string,
  memory = experiment.config.memory,
): Promise<Page> => {
  const { task, model, config, cells } = experiment;
  const accuracy = accuracyFigure(experiment);
  const solved = accuracy !== undefined;
  const most = mostOf(cells.length);
  const kernels: Section[] = [];
  const examples: Section[] = [];
  const shown = config.matrixFree ? [] : cells.slice(0, MOST_KERNELS);
  for (const [i, cell] of shown.entries()) {
    const path = directoryOf(directory, cells, cell);
    const names = { ...cellNames(cell, task.labels), examples: await readExamples(path) };
    const view = kernelView(await openKernel(path, memory), names);
    const title = `${cellKernelName(cell)}, ${names.sample}`;
    kernels.push({ title, parts: [], sections: await view.sections(most), folded: i > 0 });
    const predictions = await readPredictions(path);
    if (predictions && names.examples)
      examples.push({
        title: cells.length === 1 ? 'Test examples' : title,
        parts: [
          examplesPart(
            await view.nearest(),
            names.examples,
            predictions,
            MOST_CHARACTERS / Math.min(MOST_KERNELS, cells.length),
          ),
        ],
        folded: i > 0,
      });
  }
  const table = solved ? experimentTable(experiment) : withoutTimes(kernelTable(experiment));
  const notes = solved ? (table.notes ?? []) : experimentNotes(experiment);
  const again = await solvedPart(cells.map((cell) => directoryOf(directory, cells, cell)));
  const spaces = [spacesTable(experiment), spacesFigure(experiment)] as const;
  const words = task.labels.map((label, i) => `${label} → ${task.labelWords[i] ?? '–'}`).join(', ');
  return {
    title: `${task.name}, ${config.shots.join(' and ')}-shot`,
    subtitle: `${model.name} (${(model.parameters / 1e6).toFixed(1)} M parameters), seed${config.seeds.length > 1 ? 's' : ''} ${config.seeds.join(', ')}`,
    parts: solved ? [numbersOf(table)] : [],
    sections: [
      {
        title: solved ? 'Results' : 'Kernels computed',
        parts: [
          {
            kind: 'table',
            table: {
              ...table,
              title: undefined,
              notes: notes.filter((note) => !/^(prompt|kernels) /.test(note)),
            },
          },
          ...(accuracy === undefined ? [] : [{ kind: 'figure', svg: accuracy } as const]),
          ...(spaces[0] ? [{ kind: 'table', table: spaces[0] } as const] : []),
          ...(spaces[1] ? [{ kind: 'figure', svg: spaces[1] } as const] : []),
        ],
      },
      ...(again ? [{ title: 'Solved again', parts: [again] }] : []),
      ...(config.matrixFree
        ? []
        : kernels.length === 1
          ? [{ ...kernels[0]!, title: 'Kernel' }]
          : [{ title: 'Kernels', parts: leftOut(cells), sections: kernels }]),
      ...(examples.length === 0
        ? []
        : examples.length === 1
          ? examples
          : [{ title: 'Test examples', parts: [], sections: examples }]),
      await provenanceSection({
        command: `ntk-lens ${solved ? 'run' : 'kernel'} --config config.json`,
        facts: {
          prompt: task.template,
          'label words': words,
          model: model.name,
          'SHA-256 of the model': model.hash,
          versions: Object.entries(experiment.environment)
            .map((pair) => pair.join(' '))
            .join(', '),
        },
        config,
        directories: cells.map((cell) => [
          cells.length === 1 ? 'Manifest' : basename(cell.directory),
          directoryOf(directory, cells, cell),
        ]),
      }),
    ],
    madeBy: programAndVersion,
  };
};
