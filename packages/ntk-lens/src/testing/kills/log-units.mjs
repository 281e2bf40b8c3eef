// Run with `--import`: every unit that a process begins, and every one that it ends, is a line of $UNITS_LOG.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const log = process.env.UNITS_LOG;
const { rename, rm } = fs.promises;
const note = (what, file) => {
  const [, unit] = /[\\/]running-(\d+)-[\da-f-]{36}\.json$/.exec(String(file)) ?? [];
  if (unit !== undefined) fs.appendFileSync(log, `${what} ${unit} ${process.pid}\n`);
};
const own = new Set();
fs.promises.rename = async (from, to, ...rest) => {
  own.add(String(to));
  note('begin', to);
  return rename(from, to, ...rest);
};
fs.promises.rm = async (file, ...rest) => {
  // A process also takes away what others left that were killed.
  if (own.has(String(file))) note('end', file);
  return rm(file, ...rest);
};
syncBuiltinESMExports();
