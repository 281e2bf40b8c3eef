import type { Table } from '@ntk-lens/report';
import type { Page, Part, Section } from '@ntk-lens/report/page';
import type { Finding, LadderManifest } from '@ntk-lens/tensor-programs';
import { coordinatesScheme, pretrainingScheme } from '../../options/scheme.js';
import type { StoredCoordinates, StoredLadder, StoredTwoLayer } from '../../run/read-result.js';
import { programAndVersion } from '../../version.js';
import { coordinateFigure } from '../widths/coordinate-figure.js';
import { coordinateTable } from '../widths/coordinate-table.js';
import { ladderCheckTable } from '../widths/ladder-check-table.js';
import { ladderFigures } from '../widths/ladder-figures.js';
import { pretrainedFigures } from '../widths/pretrained-figures.js';
import { ladderTable } from '../widths/pretrained-table.js';
import { twoLayerTableOf } from '../widths/two-layer-table.js';
import { provenanceSection } from './provenance.js';
import { schemeCommand } from './scheme-command.js';
import { verdictRows } from './verdict-rows.js';

interface WidthsPage {
  readonly title?: string;
  readonly sections: readonly Section[];
  readonly figures: readonly string[];
  readonly command?: string;
  readonly config?: unknown;
}

const widthsPage = async ({ title, sections, figures, command, config }: WidthsPage): Promise<Page> => ({
  title: title ?? 'Widths',
  sections: [
    ...sections,
    ...(figures.length === 0
      ? []
      : [{ title: 'Figures', parts: figures.map((svg) => ({ kind: 'figure' as const, svg })) }]),
    await provenanceSection({ command, config, directories: [] }),
  ],
  madeBy: programAndVersion,
});

/** Verdicts with the notes of a table that do not define them: definitions stand with the verdicts. */
const verdictSection = ({ notes = [] }: Table, findings: readonly Finding[]): Section => {
  const conditions = findings.map(({ condition }) => `${condition}: `);
  const own = notes.filter(
    (note) => !conditions.some((start) => note.startsWith(start)) && !note.startsWith('  statistic: '),
  );
  return {
    title: 'Verdicts',
    parts: [{ kind: 'verdicts', verdicts: verdictRows(findings), notes: own }],
  };
};

const tablePart = (table: Table): Part => ({ kind: 'table', table: { ...table, title: undefined } });

/** The page of `check --ladder`: verdicts on exponents of width, and the quantities against width. */
export const ladderPage = ({ config, ...check }: StoredLadder): Promise<Page> => {
  const table = ladderCheckTable(config, check);
  return widthsPage({
    title: table.title,
    sections: [verdictSection(table, check.findings)],
    figures: Object.values(ladderFigures(config.task, check)),
    ...{ command: `ntk-lens check --ladder … --task ${config.task}`, config },
  });
};

/** The page of `check --two-layer`. */
export const twoLayerPage = (check: StoredTwoLayer): Promise<Page> => {
  const table = twoLayerTableOf(check);
  return widthsPage({
    title: table.title,
    sections: [verdictSection(table, check.findings)],
    ...{ figures: [], command: 'ntk-lens check --two-layer' },
  });
};

/** The page of `coordinates`: the verdict, exponents of every coordinate, and their changes against width. */
export const coordinatesPage = ({ scheme, ...check }: StoredCoordinates): Promise<Page> => {
  const table = coordinateTable(scheme, check);
  const { measured } = check.coordinates[0]!;
  const usual = { ...coordinatesScheme, steps: pretrainingScheme.steps };
  return widthsPage({
    title: table.title,
    sections: [
      verdictSection({ ...table, notes: [] }, check.findings.slice(0, 1)),
      { title: 'Coordinates', parts: [tablePart(table)] },
    ],
    figures: [coordinateFigure(scheme, check)],
    ...{ command: schemeCommand('coordinates', measured, scheme, usual), config: scheme },
  });
};

/** The page of `pretrain`: the models, with the results of their training against width. */
export const pretrainedPage = (ladder: LadderManifest): Promise<Page> => {
  const { scheme, rungs } = ladder;
  const table = ladderTable(ladder);
  const hashes: Table = {
    columns: [
      { header: 'model', align: 'left' },
      { header: 'runtime', align: 'left' },
      { header: 'SHA-256', align: 'left' },
    ],
    rows: rungs.map(({ directory, runtime, hash }) => ({ cells: [directory, runtime, hash] })),
  };
  return widthsPage({
    title: table.title,
    sections: [
      { title: 'Models', parts: [tablePart(table)] },
      { title: 'Files', parts: [tablePart(hashes)], folded: true },
    ],
    figures: pretrainedFigures(ladder),
    ...{ command: schemeCommand('pretrain', rungs, scheme, pretrainingScheme), config: scheme },
  });
};
