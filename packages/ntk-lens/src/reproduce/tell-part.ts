import type { PartName } from '../options/reproduce.js';
import { divergedOf } from './cells/diverged.js';
import type { ProtocolCell, Results } from './cells/protocol-cell.js';
import { parts } from './parts/index.js';
import type { PartRequest, Told } from './parts/part.js';

/** Work without a result, or with a part of it: its name with the reason, once for each cell. */
export const divergedCells = (
  cells: readonly ProtocolCell[],
  results: ReadonlyMap<string, unknown>,
): readonly string[] => {
  const found = cells.flatMap(({ key, what, run: { task, shots, seeds } }) => {
    const why = divergedOf(results.get(key));
    const seed = `seed${seeds.length > 1 ? 's' : ''} ${seeds.join(', ')}`;
    return why === undefined ? [] : [`${task}, ${shots[0]}-shot, ${seed}, ${what}: ${why}`];
  });
  return [...new Set(found)];
};

/** Tables and figures of a part. Notes below its tables explain each dash for a training that diverged. */
export const tellPart = (name: PartName, request: PartRequest, found: ReadonlyMap<string, unknown>): Told => {
  const results: Results = <R>({ key }: ProtocolCell<R>) => found.get(key) as R | undefined;
  const told = parts[name].tell(request, results);
  const notes = divergedCells(parts[name].cells(request), found).map(
    (why) => `a dash marks work without a result: ${why}`,
  );
  if (notes.length === 0) return told;
  const tables = Object.entries(told.tables).map(
    ([file, table]) => [file, { ...table, notes: [...(table.notes ?? []), ...notes] }] as const,
  );
  return { ...told, tables: Object.fromEntries(tables) };
};
