/** Largest tokenizer file that is read, in bytes; the largest published ones (256,000 tokens) are about 35 MB. */
export const MAX_TOKENIZER_FILE_BYTES = 128 * 1024 * 1024;
/** Most tokens, and one more than the largest id, of a vocabulary. */
export const MAX_VOCABULARY_SIZE = 4_000_000;
/** Most merges of a byte-pair encoding. */
export const MAX_MERGES = 4_000_000;
/** Most added tokens. */
export const MAX_ADDED_TOKENS = 200_000;
/** Longest token, in UTF-16 units. */
export const MAX_TOKEN_LENGTH = 4_096;
/** Most steps of one kind (normalizers, pre-tokenizers, decoders), sequences counted through. */
export const MAX_STEPS = 64;
/** Deepest nesting of sequences in tokenizer.json. */
export const MAX_NESTING = 16;
/** Longest regular expression of tokenizer.json, in UTF-16 units. */
export const MAX_PATTERN_LENGTH = 4_096;
/** Longest replacement or prefix that a normalizer puts in, in UTF-16 units. */
export const MAX_REPLACEMENT_LENGTH = 256;
/** Longest text, before and after normalization, in UTF-16 units. */
export const MAX_TEXT_LENGTH = 1024 * 1024;
/** Most states of a regular expression of tokenizer.json, its counts written out; a known family's has some 60. */
export const MAX_PATTERN_STATES = 2_048;
/** Steps that a tokenizer may take for a text: these, and so many for each UTF-16 unit of it. */
export const BASE_STEPS = 2 ** 20;
export const STEPS_PER_CHARACTER = 256;
/** Longest run of combining marks, in code points: putting them in order takes quadratic time. */
export const MAX_MARKS = 1_024;
/** Highest value of WordPiece's `max_input_chars_per_word`. */
export const MAX_WORD_CHARACTERS = 1_000;
/** Words kept by the cache of a tokenizer, per generation (there are two), and the longest word kept. */
export const CACHED_WORDS = 32_768;
export const LONGEST_CACHED_WORD = 64;
