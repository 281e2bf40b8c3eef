import type { Table } from '@ntk-lens/report';
import type { Page } from '@ntk-lens/report/page';
import type { Finding } from '@ntk-lens/tensor-programs';
import type { StoredLadder, StoredTwoLayer } from '../../run/read-result.js';
import { programAndVersion } from '../../version.js';
import { ladderCheckTable } from '../widths/ladder-check-table.js';
import { ladderFigures } from '../widths/ladder-figures.js';
import { twoLayerTableOf } from '../widths/two-layer-table.js';
import { provenanceSection } from './provenance.js';
import { verdictRows } from './verdict-rows.js';

const widthsPage = async (
  table: Table,
  findings: readonly Finding[],
  figures: readonly string[],
  command: string,
  config?: unknown,
): Promise<Page> => {
  // Definitions stand with the verdicts.
  const conditions = findings.map(({ condition }) => `${condition}: `);
  const notes = (table.notes ?? []).filter(
    (note) => !conditions.some((start) => note.startsWith(start)) && !note.startsWith('  statistic: '),
  );
  return {
    title: table.title ?? 'Widths',
    sections: [
      { title: 'Verdicts', parts: [{ kind: 'verdicts', verdicts: verdictRows(findings), notes }] },
      ...(figures.length === 0
        ? []
        : [{ title: 'Figures', parts: figures.map((svg) => ({ kind: 'figure' as const, svg })) }]),
      await provenanceSection({ command, config, directories: [] }),
    ],
    madeBy: programAndVersion,
  };
};

/** The page of `check --ladder`: verdicts on exponents of width, and the quantities against width. */
export const ladderPage = ({ config, ...check }: StoredLadder): Promise<Page> =>
  widthsPage(
    ladderCheckTable(config, check),
    check.findings,
    Object.values(ladderFigures(config.task, check)),
    `ntk-lens check --ladder … --task ${config.task}`,
    config,
  );

/** The page of `check --two-layer`. */
export const twoLayerPage = (check: StoredTwoLayer): Promise<Page> =>
  widthsPage(twoLayerTableOf(check), check.findings, [], 'ntk-lens check --two-layer');
