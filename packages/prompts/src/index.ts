export { type CalibrateOptions, calibrate } from './calibration/calibrate.js';
export { type ContentFreePriorOptions, contentFreePrior } from './calibration/content-free-prior.js';
export { contentFreeTexts } from './calibration/content-free-texts.js';
export { cosineSimilarity } from './demonstrations/cosine-similarity.js';
export {
  TooFewDemonstrationsError,
  UnknownDemonstrationLabelError,
} from './demonstrations/demonstration-errors.js';
export {
  type DemonstrationTemplateOptions,
  demonstrationTemplate,
} from './demonstrations/demonstration-template.js';
export { demonstrationTexts } from './demonstrations/demonstration-texts.js';
export { type EnsembleOptions, ensembleLogits } from './demonstrations/ensemble-logits.js';
export {
  type SampleDemonstrationsOptions,
  sampleDemonstrations,
} from './demonstrations/sample-demonstrations.js';
export { type SimilarCandidatesInput, similarCandidates } from './demonstrations/similar-candidates.js';
export type { EncodedPrompt, Omission, PromptSegment } from './encode/alignment.js';
export { compileTemplate, encodePrompt } from './encode/encode-prompt.js';
export { encodeWithoutPrompt } from './encode/encode-without-prompt.js';
export { EmptyPromptError, MaskTruncatedError, MissingSpecialTokenError } from './encode/prompt-errors.js';
export type { EncodePromptOptions, LengthOptions } from './encode/prompt-options.js';
export { readNewlines, showNewlines } from './newlines.js';
export {
  type DescribedToken,
  describePrompt,
  type PromptDescription,
  type PromptStyle,
  type StyledSegment,
} from './show/describe-prompt.js';
export { type RenderPromptOptions, renderPromptAnsi, renderPromptPlain } from './show/render-prompt.js';
export { type CandidateTemplatesOptions, candidateTemplates } from './suggest/candidate-templates.js';
export {
  compareScores,
  type LabelWordSearch,
  rateLabelWords,
  type ScoredWords,
  searchLabelWords,
} from './suggest/search-label-words.js';
export { type SentenceLimitsOptions, sentenceLimits } from './suggest/sentence-limits.js';
export { possibleWords, type WordToken, wordsOfLabel } from './suggest/whole-words.js';
export { checkTemplate, type TemplateScope } from './template/check-template.js';
export {
  maxTemplateLength,
  type ParseTemplateOptions,
  parseTemplate,
  type Template,
} from './template/parse-template.js';
export type {
  LabelPiece,
  MaskPiece,
  PieceSpan,
  SentencePiece,
  SpecialPiece,
  TemplatePiece,
  TextPiece,
} from './template/piece.js';
export {
  BadIndexError,
  NoMaskError,
  SentenceAfterMaskError,
  TemplateError,
  TemplateTooLongError,
  UnbalancedStarError,
  UnknownPieceError,
} from './template/template-errors.js';
export { textsPerExample } from './template/texts-per-example.js';
export { type LabelRead, labelReads } from './verbalizer/label-reads.js';
export { labelScores, tokenLogProbability } from './verbalizer/label-scores.js';
export {
  DuplicateLabelWordError,
  MappingSyntaxError,
  MissingLabelsError,
  MultiTokenLabelWordError,
  UnknownLabelWordError,
} from './verbalizer/label-word-errors.js';
export { type LabelMapping, parseMapping } from './verbalizer/parse-mapping.js';
export {
  createVerbalizer,
  type LabelWord,
  type LabelWordRule,
  type Verbalizer,
  type VerbalizerOptions,
} from './verbalizer/verbalizer.js';
