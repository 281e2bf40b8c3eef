/** The front of all benches: `pnpm bench` lists them, `pnpm bench NAME` runs one, which is the module of that name. */
import { report, understand } from './front/front.js';

// A signal ends the process as an error does, so that its folders and its children go with it.
process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));

try {
  const answer = understand(process.argv.slice(2));
  if ('print' in answer) console.log(answer.print);
  else await import(`./${answer.bench}.js`);
} catch (error) {
  process.exitCode = report(error);
}
