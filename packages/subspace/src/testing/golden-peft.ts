import { readFileSync } from 'node:fs';
import { decodeNpy, type EncodedExample, type NDArray } from '@ntk-lens/core';
import { sharedPath } from '@ntk-lens/testing/shared-path';

/** Hugging Face PEFT's numbers on a tiny RoBERTa: see the README of ../shared/golden. */
export const goldenPeft = () => {
  const stored = JSON.parse(readFileSync(sharedPath('golden/peft/case.json'), 'utf8')) as {
    readonly rows: readonly { readonly input_ids: readonly number[]; readonly mask_pos: number }[];
    readonly label_word_ids: readonly number[];
  };
  const read = (name: string): NDArray => decodeNpy(readFileSync(sharedPath(`golden/peft/${name}.npy`)));
  return {
    directory: sharedPath('golden/models/tiny-roberta'),
    adapter: (name: string) => sharedPath(`golden/peft/${name}`),
    examples: stored.rows.map((row): EncodedExample => ({ inputIds: row.input_ids, position: row.mask_pos })),
    labelWordIds: stored.label_word_ids,
    kernel: read('lora_kernel_B0'),
    adapterLogits: read('adapter_logits'),
    baseLogits: read('base_logits'),
  };
};
