// Run with `--import`: every tile of a kernel takes $TILE_MS milliseconds more, so that a test comes to see it on the way. A
// worker that the program starts or submits has the same flag.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const rename = fs.promises.rename;
fs.promises.rename = async (from, to) => {
  if (/tiles\/(sum|layer|parameter)-\d+\.json$/.test(String(to)))
    await new Promise((resolve) => setTimeout(resolve, Number(process.env.TILE_MS)));
  return rename(from, to);
};
syncBuiltinESMExports();
