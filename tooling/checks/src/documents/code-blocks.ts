import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A block of code of a document. */
export interface CodeBlock {
  /** Path of the document, from the root of the repository. */
  readonly document: string;
  readonly language: string;
  readonly code: string;
  /** Line of the document at which the code begins, from 1. */
  readonly line: number;
  /** Lines that run before it, from a comment `<!-- before: … -->` above it, which readers do not see. */
  readonly before: string;
  /** The text of the block without a language, if that is the next one; it is the expected output. */
  readonly output?: string;
}

const fence = /(?:<!-- before:\n([\s\S]*?)-->\n+)?^```(\w*)\n([\s\S]*?)^```$/gm;

/** All blocks of code of a document, in order. */
export const codeBlocks = (root: string, document: string): readonly CodeBlock[] => {
  const text = readFileSync(join(root, document), 'utf8');
  const blocks = [...text.matchAll(fence)].map(([match, before = '', language, code], i, all) => {
    const from = all[i]!.index + match.lastIndexOf(`\`\`\`${language}\n${code}`);
    const line = text.slice(0, from).split('\n').length + 1;
    return { document, language: language!, code: code!, line, before };
  });
  return blocks.map((block, i) => {
    const next = blocks[i + 1];
    return next?.language === '' ? { ...block, output: next.code } : block;
  });
};

/** Name of a block in tests. */
export const nameOf = ({ document, line, code }: CodeBlock): string =>
  `${document}:${line} ${code.split('\n').find((text) => text.trim() !== '')}`;
