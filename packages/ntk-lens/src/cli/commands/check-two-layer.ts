import { join } from 'node:path';
import type { TableFlags } from '../../options/table-options.js';
import { shownPath } from '../../present/shown-path.js';
import type { GlobalFlags } from '../command-module.js';
import { type CliContext, useColor } from '../context.js';

export type TwoLayerFlags = TableFlags & GlobalFlags & { readonly out?: string };

/** `check --two-layer`: the network of the theory, without a model; files are written where `--out` names a directory. */
export const runTwoLayerCheck = async (context: CliContext, flags: TwoLayerFlags): Promise<void> => {
  const { checkTwoLayer } = await import('@ntk-lens/tensor-programs/symbolic');
  const { twoLayerTableOf } = await import('../../present/widths/two-layer-table.js');
  const { renderTable } = await import('../../present/render-table.js');
  const check = checkTwoLayer();
  const table = twoLayerTableOf(check);
  const color = useColor(context.stdout, context.env);
  context.stdout.write(flags.json ? `${JSON.stringify(check)}\n` : renderTable(table, flags.table, color));
  if (flags.out === undefined) return;
  const { writeWhole } = await import('@ntk-lens/core');
  const { writeJson } = await import('@ntk-lens/lens/stored');
  await writeWhole(join(flags.out, 'table.md'), renderTable(table, 'md'));
  await writeJson(join(flags.out, 'findings.json'), check);
  context.stderr.write(`written to ${shownPath(flags.out)}\n`);
};
