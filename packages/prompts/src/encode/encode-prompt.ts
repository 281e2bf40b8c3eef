import type { Tokenizer } from '@ntk-lens/core';
import { checkCount } from '../check-count.js';
import { checkTemplate } from '../template/check-template.js';
import { asTemplate, type Template } from '../template/parse-template.js';
import { SentenceAfterMaskError } from '../template/template-errors.js';
import type { EncodedPrompt } from './alignment.js';
import { assemble, type Draft } from './assemble.js';
import { draftPiece } from './draft-piece.js';
import { joinTexts } from './join-texts.js';
import { EmptyPromptError, MaskTruncatedError } from './prompt-errors.js';
import type { EncodePromptOptions } from './prompt-options.js';

/** A causal model's prompt begins with what its tokenizer puts before a text, whether the template says so or not. */
const withBeginning = (template: Template, { before = [] }: Tokenizer): Template =>
  before.length === 0 || template.pieces[0]?.kind === 'cls'
    ? template
    : {
        ...template,
        pieces: [{ kind: 'cls', nextSegment: false, source: 'cls', start: 0, end: 0 }, ...template.pieces],
      };

/**
 * Prepares a template for many examples: checks it once and returns the function that encodes an example.
 *
 * @example
 * ```ts
 * const encode = compileTemplate('*cls**sent_0*_It_was*mask*.*sep+*', tokenizer, { maxLength: 128 });
 * const { inputIds, position } = encode(['A gentle, funny film.']);
 * ```
 * @param template parsed or as text
 * @param tokenizer anything with the core `Tokenizer` interface
 * @returns function from the texts of an example to its {@link EncodedPrompt}; see {@link encodePrompt} for its errors
 */
export const compileTemplate = (
  template: Template | string,
  tokenizer: Tokenizer,
  options: EncodePromptOptions = {},
): ((texts: readonly string[]) => EncodedPrompt) => {
  const { maxLength, truncateHead = false, maskCount = 1, objective = 'masked' } = options;
  checkCount('maxLength', maxLength, 1);
  checkCount('firstSentenceLimit', options.firstSentenceLimit, 0);
  checkCount('otherSentenceLimit', options.otherSentenceLimit, 0);
  checkCount('maskCount', maskCount, 1);
  const causal = objective === 'causal';
  const parsed = causal ? withBeginning(asTemplate(template), tokenizer) : asTemplate(template);
  const maskAt = parsed.pieces.findIndex((piece) => piece.kind === 'mask');
  const read = causal ? parsed.pieces.slice(0, maskAt) : parsed.pieces;
  if (causal) {
    const late = parsed.pieces.slice(maskAt).find((piece) => piece.kind === 'sentence');
    if (late !== undefined) throw new SentenceAfterMaskError(parsed.source, late.start, late.end);
  }
  const scope = { labels: options.labelWordIds?.length ?? 0, supports: options.supportLabels?.length ?? 0 };
  const constant = new Map<number, Draft>();
  for (const [i, piece] of parsed.pieces.entries()) {
    // A token that the tokenizer lacks is refused here, before the first example.
    if (
      piece.kind === 'mask' ? !causal : piece.kind === 'cls' || piece.kind === 'sep' || piece.kind === 'text'
    ) {
      constant.set(i, draftPiece(piece, [], tokenizer, options));
    }
  }
  return (texts) => {
    checkTemplate(parsed, { texts: texts.length, ...scope });
    const pieces = read.map((piece, i) => constant.get(i) ?? draftPiece(piece, texts, tokenizer, options));
    const drafts = causal ? joinTexts(pieces, tokenizer) : pieces;
    if (causal) drafts.push({ piece: parsed.pieces[maskAt]!, ids: [] });
    const limit = maxLength ?? Number.POSITIVE_INFINITY;
    const { inputIds, segmentIds, segments, fullLength } = assemble(drafts, limit, truncateHead);
    const lost = (): MaskTruncatedError =>
      new MaskTruncatedError(parsed.source, fullLength, limit, truncateHead);
    const mask = segments[maskAt]!;
    let readPositions: number[];
    if (causal) {
      if (fullLength < 1) throw new EmptyPromptError(parsed.source);
      if ((!truncateHead && fullLength > limit) || mask.start < 1) throw lost();
      readPositions = [mask.start - 1];
      for (const [i, piece] of parsed.pieces.entries()) {
        if (i <= maskAt) continue;
        const { ids, text } = constant.get(i) ?? draftPiece(piece, texts, tokenizer, options);
        segments.push({
          piece,
          text,
          start: inputIds.length,
          ids: [],
          omissions: ids.length > 0 ? [{ reason: 'after-mask', side: 'tail', ids }] : [],
        });
      }
    } else if (options.readMask === 'first') {
      const position = inputIds.indexOf(tokenizer.special.mask);
      readPositions = Array.from({ length: maskCount }, (_, k) => position + k);
      if (readPositions.some((at) => inputIds[at] !== tokenizer.special.mask)) throw lost();
    } else {
      if (mask.omissions.length > 0) throw lost();
      readPositions = mask.ids.map((_, k) => mask.start + k);
    }
    return {
      inputIds,
      position: readPositions[0]!,
      tokenTypeIds: options.segmentIds === true ? segmentIds : undefined,
      readPositions,
      segments,
    };
  };
};

/**
 * Encodes one example with a template, token for token as LM-BFF does (docs/theory.md, Template language).
 *
 * @example
 * ```ts
 * const { inputIds, position } = encodePrompt(
 *   '*cls**sent-_0*?*mask*,*+sentl_1**sep+*', ['It rains.', 'The street is wet.'], tokenizer, { maxLength: 256 });
 * ```
 * @param template parsed or as text
 * @param texts texts of the example, then those of its demonstrations
 * @returns token ids, the position to read, and which piece made which token
 * @throws TemplateError for a template that does not fit, MaskTruncatedError when the mask does not fit into
 *   `maxLength`, MissingSpecialTokenError, BadArgumentError
 */
export const encodePrompt = (
  template: Template | string,
  texts: readonly string[],
  tokenizer: Tokenizer,
  options: EncodePromptOptions = {},
): EncodedPrompt => compileTemplate(template, tokenizer, options)(texts);
