import type { Table } from '@ntk-lens/report';
import type { splitKShot } from '@ntk-lens/tasks';

/** Files that `split` wrote, and how many of them a list of md5 sums names. */
type Split = Awaited<ReturnType<typeof splitKShot>> & { readonly task: string; readonly checked?: number };

/** Every file with its sum; below, what is missing or short, and what was checked. */
export const splitTable = (
  { task, files, short, missing, checked }: Split,
  { shots, mode, list }: { readonly shots: number; readonly mode: string; readonly list?: string },
): Table => {
  const lacking = short.map(
    ({ seed, label, train, dev }) =>
      `label ${label} has too few examples (seed ${seed}): ${train} train, ${dev} dev`,
  );
  if (missing !== undefined) lacking.unshift(`${missing} is not there: only test sets were written`);
  if (checked !== undefined)
    lacking.push(`${checked} of ${files.length} files are in ${list}; their sums hold`);
  return {
    title: `${task}, ${shots}-shot, ${mode}`,
    columns: [{ header: 'md5' }, { header: 'file' }],
    rows: files.map(({ md5, name }) => ({ cells: [md5, name] })),
    notes: lacking,
  };
};
