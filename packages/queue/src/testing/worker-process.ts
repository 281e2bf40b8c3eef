// A worker of made units that a test kills.
import { workOnQueue } from '../index.js';
import { madeUnits } from './made-units.js';

const [url = '', directory = '', count, milliseconds] = process.argv.slice(2);
await workOnQueue(
  madeUnits(directory, Number(count), { milliseconds: Number(milliseconds) }),
  { url },
  { lease: 2 },
);
