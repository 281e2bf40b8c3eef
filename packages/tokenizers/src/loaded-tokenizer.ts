import { BadArgumentError, type SpecialTokens, type Tokenizer } from '@ntk-lens/core';
import { type AddedToken, AddedTokenSplitter } from './added-tokens.js';
import {
  type Normalizer,
  normalizePiece,
  originalEnd,
  originalStart,
  type Piece,
  wholePiece,
} from './aligned-text.js';
import { type BatchRow, padAndTruncate } from './encode-batch.js';
import { TextTooLongError } from './errors.js';
import { ANY_SURROGATE, LONE_SURROGATE } from './json-reader.js';
import { MAX_TEXT_LENGTH } from './limits.js';
import type { SubwordModel } from './models/subword-model.js';
import type { PostProcessing } from './post-processing.js';
import type { PreTokenization } from './pre-tokenizers/create-pre-tokenizer.js';
import type { BatchEncoding, EncodeBatchOptions, Offset, TextEncoding } from './text-encoding.js';
import { trimOffsets } from './trim-offsets.js';
import { WordCache } from './word-cache.js';
import type { Work } from './work.js';

/** The parts of a tokenizer, as read from its files. */
export interface TokenizerParts {
  readonly addedTokens: readonly AddedToken[];
  readonly normalizers: readonly Normalizer[];
  readonly preTokenization: PreTokenization;
  readonly model: SubwordModel;
  readonly postProcessing: PostProcessing;
  readonly decode: (tokens: readonly string[]) => string;
  /** The budget of steps that the parts share. */
  readonly work: Work;
  readonly special: SpecialTokens;
}

/**
 * A Hugging Face tokenizer: added tokens, normalizers, pre-tokenizers, model and decoder, equal to the Rust
 * library's. Made by {@link loadTokenizer}.
 *
 * @example
 * ```ts
 * const tokenizer = await loadTokenizer(modelDirectory);
 * tokenizer.encode('great [MASK]'); // [2307, 103]
 * ```
 */
export class LoadedTokenizer implements Tokenizer {
  readonly special: SpecialTokens;
  /** One more than the largest id. */
  readonly vocabularySize: number;
  /** Special tokens that the tokenizer puts before and after a text (`[CLS]`, `[SEP]`). */
  readonly before: readonly number[];
  readonly after: readonly number[];

  private readonly parts: TokenizerParts;
  private readonly plainSplitter: AddedTokenSplitter;
  private readonly normalizedSplitter: AddedTokenSplitter;
  private readonly words: WordCache;
  private readonly ids = new Map<string, number>();
  private readonly tokens = new Map<number, string>();

  constructor(parts: TokenizerParts) {
    this.parts = parts;
    this.special = parts.special;
    this.before = parts.postProcessing.before;
    this.after = parts.postProcessing.after;
    this.plainSplitter = new AddedTokenSplitter(
      parts.addedTokens.filter((token) => !token.normalized),
      parts.work,
    );
    const normalized = parts.addedTokens.filter((token) => token.normalized);
    parts.work.begin(normalized.reduce((sum, { content }) => sum + content.length, 0));
    this.normalizedSplitter = new AddedTokenSplitter(
      normalized,
      parts.work,
      (content) => this.normalize(wholePiece(content), false).text,
    );
    this.words = new WordCache((word) => parts.model.tokenize(word));
    let size = parts.model.vocabulary.tokens.length;
    for (const token of parts.addedTokens) {
      this.ids.set(token.content, token.id);
      this.tokens.set(token.id, token.content);
      size = Math.max(size, token.id + 1);
    }
    this.vocabularySize = size;
  }

  /**
   * Token ids of a text, without special tokens around it; one that is written out is its own id.
   *
   * @throws TextTooLongError beyond `MAX_TEXT_LENGTH` characters.
   */
  encode(text: string): number[] {
    const ids: number[] = [];
    for (const piece of this.pieces(text, this.parts.preTokenization.origins)) {
      if (piece.id >= 0) ids.push(piece.id);
      else if (piece.text !== '') {
        const found = this.words.get(piece.text).ids;
        for (let k = 0; k < found.length; k++) ids.push(found[k]!);
      }
    }
    return ids;
  }

  /** Ids, tokens and the part of the text that each token covers. */
  encodeWithOffsets(text: string): TextEncoding {
    const row = this.row(text);
    return {
      ids: row.ids,
      tokens: row.ids.map((id) => this.idToToken(id) ?? ''),
      offsets: row.offsets(0, row.ids.length),
    };
  }

  private row(text: string): BatchRow {
    const ids: number[] = [];
    const offsets: Offset[] = [];
    const values: string[] = [];
    for (const piece of this.pieces(text, true)) {
      if (piece.id >= 0) {
        ids.push(piece.id);
        values.push(piece.text);
        offsets.push([originalStart(piece, 0), originalEnd(piece, piece.text.length)]);
        continue;
      }
      if (piece.text === '') continue;
      const found = this.words.get(piece.text);
      for (const [k, id] of found.ids.entries()) {
        ids.push(id);
        values.push(this.parts.model.vocabulary.tokens[id] ?? '');
        offsets.push([originalStart(piece, found.starts[k]!), originalEnd(piece, found.ends[k]!)]);
      }
    }
    const { trim } = this.parts.postProcessing;
    return {
      ids,
      offsets: (start, end) => {
        const kept = offsets.slice(start, end);
        return trim === undefined
          ? kept
          : trimOffsets(text, values.slice(start, end), kept, trim.prefixSpace);
      },
    };
  }

  /**
   * Encodes several texts, cut and padded as `options` say; without options exactly as one by one.
   *
   * @throws BadArgumentError for truncation or 'max-length' without a usable `maxLength`, or padding without a pad token.
   */
  encodeBatch(texts: readonly string[], options: EncodeBatchOptions = {}): BatchEncoding {
    const wantOffsets = options.offsets !== false;
    const rows = texts.map((text): BatchRow => {
      if (wantOffsets) return this.row(text);
      return { ids: this.encode(text), offsets: () => [] };
    });
    return padAndTruncate(rows, options, { before: this.before, after: this.after, pad: this.special.pad });
  }

  /** Text of token ids; unknown ids are left out, special tokens too on request. */
  decode(ids: readonly number[], options: { readonly skipSpecialTokens?: boolean } = {}): string {
    const skip = new Set<number>();
    if (options.skipSpecialTokens)
      for (const token of this.parts.addedTokens) if (token.special) skip.add(token.id);
    const tokens: string[] = [];
    for (const id of ids) {
      const token = skip.has(id) ? undefined : this.idToToken(id);
      if (token !== undefined) tokens.push(token);
    }
    return this.parts.decode(tokens);
  }

  tokenToId(token: string): number | undefined {
    return this.ids.get(token) ?? this.parts.model.vocabulary.ids.get(token);
  }

  idToToken(id: number): string | undefined {
    return this.tokens.get(id) ?? this.parts.model.vocabulary.tokens[id];
  }

  private pieces(text: string, track: boolean): readonly Piece[] {
    if (typeof text !== 'string') throw new BadArgumentError('text', text, 'a string');
    if (text.length > MAX_TEXT_LENGTH) throw new TextTooLongError(text.length, MAX_TEXT_LENGTH, 'as given');
    const wellFormed = ANY_SURROGATE.test(text) ? text.replace(LONE_SURROGATE, '\ufffd') : text;
    this.parts.work.begin(text.length);
    let pieces = this.plainSplitter.split([wholePiece(wellFormed)]);
    if (this.parts.normalizers.length > 0)
      pieces = pieces.map((piece) => (piece.id < 0 ? this.normalize(piece, track) : piece));
    pieces = this.normalizedSplitter.split(pieces);
    return this.parts.preTokenization.run(pieces, track);
  }

  private normalize(piece: Piece, track: boolean): Piece {
    let current = piece;
    for (const normalizer of this.parts.normalizers) {
      current = normalizePiece(current, normalizer, track);
      this.parts.work.spend(current.text.length);
    }
    return current;
  }
}
