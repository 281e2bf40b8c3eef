import { defineArchitecture } from './define-architecture.js';
import { roberta } from './roberta.js';

/** XLM-RoBERTa (Conneau et al. 2020): RoBERTa with a larger vocabulary. */
export const xlmRoberta = defineArchitecture({
  ...roberta,
  modelType: 'xlm-roberta',
  title: 'XLM-RoBERTa',
  classes: { prefix: 'XLMRoberta', languageModel: 'XLMRobertaForMaskedLM' },
  also: {},
});
