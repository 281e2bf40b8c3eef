import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Tokenizer } from '@ntk-lens/core';
import { hfTokenizer } from './hf-tokenizer.js';

/** A JSON file of `fixtures/`, made by tooling/reference/prompts_lm_bff.py. */
export const readFixture = <T>(name: string): T =>
  JSON.parse(readFileSync(new URL(`../../fixtures/${name}`, import.meta.url), 'utf8')) as T;

/** A byte-level BPE with 420 tokens and RoBERTa's special tokens. */
export const byteLevelTokenizer = (): Tokenizer =>
  hfTokenizer(fileURLToPath(new URL('../../fixtures/byte-level', import.meta.url)));
