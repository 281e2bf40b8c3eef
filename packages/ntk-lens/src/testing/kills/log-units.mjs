// Run with `--import`: every unit that a process begins is a line of $UNITS_LOG.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const log = process.env.UNITS_LOG;
const rename = fs.promises.rename;
fs.promises.rename = async (from, to, ...rest) => {
  const [, unit] = /[\\/]running-(\d+)-[\da-f-]{36}\.json$/.exec(String(to)) ?? [];
  if (unit !== undefined) fs.appendFileSync(log, `${unit} ${process.pid}\n`);
  return rename(from, to, ...rest);
};
syncBuiltinESMExports();
