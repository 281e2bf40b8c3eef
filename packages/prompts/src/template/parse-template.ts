import { readNewlines } from '../newlines.js';
import type { LabelPiece, SentencePiece, TemplatePiece } from './piece.js';
import {
  BadIndexError,
  NoMaskError,
  TemplateTooLongError,
  UnbalancedStarError,
  UnknownPieceError,
} from './template-errors.js';

/** A parsed template: pieces in order, empty literals left out; `source` has newlines for `\n`. JSON-serializable. */
export interface Template {
  readonly source: string;
  readonly pieces: readonly TemplatePiece[];
}

export interface ParseTemplateOptions {
  /**
   * `strict` (default) refuses unpaired stars and unknown names between stars. Choose `lm-bff` for templates
   * that rely on the reference's reading, in which whatever is not a piece is literal text wherever it stands.
   */
  readonly syntax?: 'strict' | 'lm-bff';
}

/** Longest template read, in UTF-16 units; demonstrations for dozens of labels stay far below. */
export const maxTemplateLength = 65_536;
const maxIndex = 9_999;

type IndexedShape =
  | Pick<LabelPiece, 'kind'>
  | Pick<SentencePiece, 'kind' | 'leadingSpace' | 'dropLast' | 'firstLetter'>;

const sentence = (
  leadingSpace: boolean,
  dropLast: boolean,
  firstLetter: SentencePiece['firstLetter'],
): IndexedShape => ({ kind: 'sentence', leadingSpace, dropLast, firstLetter });

const indexed: readonly (readonly [prefix: string, shape: IndexedShape])[] = [
  ['label_', { kind: 'label' }],
  ['labelx_', { kind: 'support-label' }],
  ['sent_', sentence(false, false, 'as-is')],
  ['+sent_', sentence(true, false, 'as-is')],
  ['sent-_', sentence(false, true, 'as-is')],
  ['sentl_', sentence(false, false, 'lower')],
  ['+sentl_', sentence(true, false, 'lower')],
  ['sentl-_', sentence(false, true, 'lower')],
  ['sentu_', sentence(false, false, 'upper')],
  ['+sentu_', sentence(true, false, 'upper')],
];
const known = ['cls', 'mask', 'sep', 'sep+', ...indexed.map(([prefix]) => `${prefix}i`)];

const parsePiece = (template: string, start: number, end: number): TemplatePiece | undefined => {
  const source = template.slice(start, end);
  const span = { source, start, end };
  if (source === 'mask') return { kind: 'mask', ...span };
  if (source === 'cls') return { kind: 'cls', nextSegment: false, ...span };
  if (source === 'sep' || source === 'sep+') return { kind: 'sep', nextSegment: source === 'sep+', ...span };
  for (const [prefix, shape] of indexed) {
    if (!source.startsWith(prefix)) continue;
    const digits = source.slice(prefix.length);
    const index = Number(digits);
    if (!/^[0-9]+$/.test(digits) || index > maxIndex) {
      throw new BadIndexError(
        template,
        start,
        end,
        `a whole number from 0 to ${maxIndex} after "${prefix}", as in "${prefix}0"`,
      );
    }
    return { ...shape, index, ...span };
  }
  return undefined;
};

/**
 * Parses a template of the LM-BFF language (docs/theory.md, Template language): stars enclose pieces, what stands
 * between pieces is literal text with `_` for a space and `\n` for a newline.
 *
 * @example
 * ```ts
 * const template = parseTemplate('*cls**sent_0*_It_was*mask*.*sep+*');
 * template.pieces.map((piece) => piece.kind); // ['cls', 'sentence', 'text', 'mask', 'text', 'sep']
 * ```
 * @param written the template, at most {@link maxTemplateLength} characters
 * @returns pieces with their places in `source`
 * @throws UnbalancedStarError, UnknownPieceError, BadIndexError, NoMaskError, TemplateTooLongError
 */
export const parseTemplate = (written: string, options: ParseTemplateOptions = {}): Template => {
  const source = readNewlines(written);
  if (source.length > maxTemplateLength) throw new TemplateTooLongError(source, maxTemplateLength);
  const strict = options.syntax !== 'lm-bff';
  const parts = source.split('*');
  if (strict && parts.length % 2 === 0) throw new UnbalancedStarError(source, source.lastIndexOf('*'));
  const pieces: TemplatePiece[] = [];
  let start = 0;
  for (const [position, part] of parts.entries()) {
    const end = start + part.length;
    const piece = parsePiece(source, start, end);
    if (piece !== undefined) pieces.push(piece);
    else if (strict && position % 2 === 1) throw new UnknownPieceError(source, start, end, known);
    else if (part !== '') {
      pieces.push({ kind: 'text', text: part.replaceAll('_', ' '), source: part, start, end });
    }
    start = end + 1;
  }
  if (!pieces.some((piece) => piece.kind === 'mask')) throw new NoMaskError(source);
  return { source, pieces };
};

/** The template itself, or the parsed form of a string. */
export const asTemplate = (template: Template | string): Template =>
  typeof template === 'string' ? parseTemplate(template) : template;
