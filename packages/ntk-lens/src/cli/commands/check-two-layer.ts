import { join } from 'node:path';
import type { Outcome } from '../command.js';

/** `check --two-layer`: the network of the theory, without a model; files are written where `--out` names a directory. */
export const runTwoLayerCheck = async (out: string | undefined): Promise<Outcome> => {
  const { checkTwoLayer } = await import('@ntk-lens/tensor-programs/symbolic');
  const { twoLayerTableOf } = await import('../../present/widths/two-layer-table.js');
  const { renderTable } = await import('../../present/render-table.js');
  const check = checkTwoLayer();
  const table = twoLayerTableOf(check);
  if (out === undefined) return { result: check, shown: [table] };
  const { writeWhole } = await import('@ntk-lens/core');
  const { writeJson } = await import('@ntk-lens/core');
  await writeWhole(join(out, 'table.md'), renderTable(table, 'md'));
  await writeJson(join(out, 'findings.json'), check);
  const { twoLayerPage } = await import('../../present/report/widths-page.js');
  const { writeReport } = await import('../../present/report/write-report.js');
  const reports = [await writeReport(out, await twoLayerPage({ format: 'two-layer', ...check }))];
  return { result: check, shown: [table], directory: out, reports };
};
