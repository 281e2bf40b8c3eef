export type { EncodedPrompt, Omission, PromptSegment } from './encode/alignment.js';
export {
  compileTemplate,
  type EncodePromptOptions,
  encodePrompt,
  type LengthOptions,
} from './encode/encode-prompt.js';
export { encodeWithoutPrompt } from './encode/encode-without-prompt.js';
export { EmptyPromptError, MaskTruncatedError, MissingSpecialTokenError } from './encode/prompt-errors.js';
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
