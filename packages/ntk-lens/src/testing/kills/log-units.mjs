// Run with `--import`: every unit that a process begins, and every one that it ends, is a line of $UNITS_LOG. One whose directory
// another process holds is refused, and nothing of it is computed.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const log = process.env.UNITS_LOG;
const { link, rename, rm } = fs.promises;
const note = (what, file) => {
  const [, unit] = /[\\/]running-(\d+)-[\da-f-]{36}\.json$/.exec(String(file)) ?? [];
  if (unit !== undefined) fs.appendFileSync(log, `${what} ${unit} ${process.pid}\n`);
};
const own = new Set();
/** Locks of directories that the process took, and that others held, since it began a unit. */
const locks = { taken: 0, held: 0 };
fs.promises.rename = async (from, to, ...rest) => {
  own.add(String(to));
  if (/[\\/]running-\d+-/.test(String(to))) Object.assign(locks, { taken: 0, held: 0 });
  note('begin', to);
  return rename(from, to, ...rest);
};
fs.promises.link = async (from, to) => {
  if (!String(to).endsWith('.ntk-lens.lock')) return link(from, to);
  try {
    await link(from, to);
    locks.taken++;
  } catch (error) {
    if (error.code === 'EEXIST') locks.held++;
    throw error;
  }
};
fs.promises.rm = async (file, ...rest) => {
  // A process also takes away what others left that were killed.
  if (own.has(String(file))) note(locks.held > 0 && locks.taken === 0 ? 'refused' : 'end', file);
  return rm(file, ...rest);
};
syncBuiltinESMExports();
