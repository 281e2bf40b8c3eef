import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { markdownProse } from './markdown.js';
import { sentencesOf } from './prose.js';
import { brokenRules } from './rules.js';
import { sourceProse } from './source.js';

// Prints every sentence that breaks a rule of CONTRIBUTING.md, Plain English, and fails if there is one. The arguments
// are files and folders; the default is everything.

const list = ['ls-files', '-co', '--exclude-standard', ...process.argv.slice(2)];
const files = execFileSync('git', list, { encoding: 'utf8' })
  .split('\n')
  .filter((file) => /\.(md|ts|mjs)$/.test(file) && !/\.test\.ts$|^docs\/api\//.test(file));

let broken = 0;
for (const file of files) {
  const text = readFileSync(file, 'utf8');
  const prose = file.endsWith('.md') ? markdownProse(text) : sourceProse(text);
  for (const sentence of prose.flatMap(sentencesOf)) {
    const names = brokenRules(sentence);
    if (names.length === 0) continue;
    console.log(`${file}:${sentence.line}: ${sentence.source}\n    ${names.join('; ')}`);
    broken++;
  }
}
if (broken > 0) {
  console.error(`${broken} sentences break a rule of CONTRIBUTING.md, Plain English.`);
  process.exitCode = 1;
}
