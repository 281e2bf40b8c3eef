export {
  type LanguageTask,
  type LanguageTaskName,
  languageTask,
  languageTaskNames,
} from './labelled-task.js';
export { vocabulary } from './lexicon.js';
export { type MaskedCorpus, maskedCorpus } from './masked-corpus.js';
export { tokenizerFiles } from './tokenizer-files.js';
