import type { Template } from './parse-template.js';

/**
 * Texts per example that a template names: its highest sentence index + 1.
 *
 * @example
 * ```ts
 * textsPerExample(parseTemplate('*cls**sent_0*?*mask*,*+sent_1**sep+*')); // 2
 * ```
 */
export const textsPerExample = (template: Template): number =>
  template.pieces.reduce(
    (most, piece) => (piece.kind === 'sentence' ? Math.max(most, piece.index + 1) : most),
    0,
  );
