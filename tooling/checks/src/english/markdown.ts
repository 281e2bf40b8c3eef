import { marked, type Token, type Tokens } from 'marked';
import type { Kind, Prose } from './prose.js';

const lines = (text: string): number => text.split('\n').length - 1;

/** Comments of shells and of TypeScript. */
const comment = /(?:^|\s)(?:#|\/\/) (.*)$/;

/** The prose of a page of Markdown, with texts for images and the comments in its code. */
export const markdownProse = (text: string): readonly Prose[] => {
  const found: Prose[] = [];
  const table = ({ header, rows }: Tokens.Table, line: number) => {
    for (const cell of header) found.push({ kind: 'label', text: cell.text, line });
    for (const [i, row] of rows.entries())
      for (const cell of row) found.push({ kind: 'fragment', text: cell.text, line: line + 2 + i });
  };
  const comments = (code: string, line: number) => {
    for (const [i, text] of code.split('\n').entries()) {
      const words = comment.exec(text)?.[1];
      if (words) found.push({ kind: 'fragment', text: words, line: line + i });
    }
  };
  const paragraph = (text: string, line: number, kind: Kind) => {
    found.push({ kind, text, line });
    for (const image of text.matchAll(/!\[([^\]]*)\]/g))
      found.push({ kind: 'fragment', text: image[1]!, line: line + lines(text.slice(0, image.index)) });
  };
  /** Walks over blocks that follow one another from a line on. */
  const walk = (blocks: readonly Token[], start: number, kind: Kind) => {
    let line = start;
    for (const block of blocks) {
      if (block.type === 'heading') found.push({ kind: 'label', text: block['text'], line });
      else if (block.type === 'table') table(block as Tokens.Table, line);
      else if (block.type === 'paragraph' || block.type === 'text') paragraph(block.raw, line, kind);
      else if (block.type === 'code') comments(block.raw, line);
      else if (block.type === 'list') walk((block as Tokens.List).items, line, 'fragment');
      else walk(('tokens' in block && block.tokens) || [], line, kind);
      line += lines(block.raw);
    }
  };
  const front = /^\s*---\n[\s\S]*?\n---\n/.exec(text)?.[0] ?? '';
  walk(marked.lexer(text.slice(front.length)), 1 + lines(front), 'paragraph');
  return found;
};
