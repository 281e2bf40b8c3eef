import { CACHED_WORDS, LONGEST_CACHED_WORD } from './limits.js';
import type { WordTokens } from './models/subword-model.js';

/** Tokens of recent words: two generations of a bounded number of short words, the older one dropped when full. */
export class WordCache {
  private young = new Map<string, WordTokens>();
  private old = new Map<string, WordTokens>();

  constructor(private readonly tokenize: (word: string) => WordTokens) {}

  get(word: string): WordTokens {
    if (word.length > LONGEST_CACHED_WORD) return this.tokenize(word);
    const known = this.young.get(word);
    if (known !== undefined) return known;
    const tokens = this.old.get(word) ?? this.tokenize(word);
    if (this.young.size >= CACHED_WORDS) {
      this.old = this.young;
      this.young = new Map();
    }
    this.young.set(word, tokens);
    return tokens;
  }
}
