import type { VerdictRow } from '@ntk-lens/report/page';
import type { Finding } from '@ntk-lens/tensor-programs';
import { ownNote, statisticText } from '../check-table.js';

/** Findings as a page shows them; JSON writes a statistic that is no number as null. */
export const verdictRows = (findings: readonly Finding[]): readonly VerdictRow[] =>
  findings.map(({ statistic, interval, note, ...finding }) => ({
    ...finding,
    note: ownNote(note) || undefined,
    statistic: typeof statistic === 'number' ? statisticText(statistic) : undefined,
    interval: interval?.map(statisticText).join(' … '),
  }));
