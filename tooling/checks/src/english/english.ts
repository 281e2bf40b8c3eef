import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { findingsIn } from './findings.js';

// Prints every sentence that breaks a rule of CONTRIBUTING.md, Plain English, and fails if there is one. The arguments
// are files and folders; the default is the whole repository. docs/api has no sentences of its own.

const list = ['ls-files', '-co', '--exclude-standard', ...process.argv.slice(2)];
const files = execFileSync('git', list, { encoding: 'utf8' })
  .split('\n')
  .filter(
    (file) => /\.(md|ts|mjs)$|(^|\/)package\.json$/.test(file) && !/\.test\.ts$|^docs\/api\//.test(file),
  );

let count = 0;
for (const file of new Set(files))
  for (const { line, sentence, rules } of findingsIn(file, readFileSync(file, 'utf8'))) {
    console.log(`${file}:${line}: ${sentence}\n    ${rules.join('; ')}`);
    count++;
  }
if (count > 0) {
  console.error(`${count} sentences break a rule of CONTRIBUTING.md, Plain English.`);
  process.exitCode = 1;
}
