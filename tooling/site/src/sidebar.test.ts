import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { addressOf } from './addresses.js';
import { root } from './root.js';
import { sections } from './sidebar.js';

test('every page is in the sidebar, once', () => {
  const pages = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '*.md'], {
    cwd: root,
    encoding: 'utf8',
  })
    .split('\n')
    .filter((file) => file !== '' && addressOf(file) !== undefined);
  expect(Object.values(sections).flat().sort()).toEqual(pages.sort());
});
