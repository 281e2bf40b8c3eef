import { execFileSync } from 'node:child_process';
import { root } from '../root.js';
import { type CodeBlock, codeBlocks } from './code-blocks.js';

/** The documents for readers: every README, the guides, and the pages of packages. */
export const documents = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '*.md'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((name) => name !== '' && !/^(\.changeset|docs\/api|docs\/decisions)\//.test(name));

export const blocksIn = (...languages: readonly string[]): readonly CodeBlock[] =>
  documents.flatMap((name) => codeBlocks(root, name)).filter(({ language }) => languages.includes(language));
