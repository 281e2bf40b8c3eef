import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { makeReports } from './api-report.js';

// Writes docs/api, or fails with --check where it is stale.

const { values } = parseArgs({
  options: {
    check: { type: 'boolean', default: false },
    root: { type: 'string', default: '.' },
    out: { type: 'string', default: 'docs/api' },
  },
});
const { files, undocumented } = makeReports(resolve(values.root));
const there = existsSync(values.out) ? readdirSync(values.out) : [];
const stale = [...new Set([...files.keys(), ...there])].filter((name) => {
  const path = join(values.out, name);
  return !existsSync(path) || readFileSync(path, 'utf8') !== files.get(name);
});
if (undocumented.length > 0) {
  console.error(`These exports have no docstring: ${undocumented.join(', ')}.`);
  process.exitCode = 1;
}
if (values.check && stale.length > 0) {
  console.error(`${values.out} does not show today's exports (${stale.join(', ')}): run pnpm api.`);
  process.exitCode = 1;
} else if (!values.check) {
  mkdirSync(values.out, { recursive: true });
  for (const name of stale) {
    const text = files.get(name);
    if (text === undefined) rmSync(join(values.out, name));
    else writeFileSync(join(values.out, name), text);
  }
}
