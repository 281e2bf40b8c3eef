// Run with `--import`: every file of states takes $STATES_MS milliseconds more.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const rename = fs.promises.rename;
fs.promises.rename = async (from, to, ...rest) => {
  if (/tiles[\\/]states-/.test(String(to)))
    await new Promise((resolve) => setTimeout(resolve, Number(process.env.STATES_MS)));
  return rename(from, to, ...rest);
};
syncBuiltinESMExports();
