import { checkCount } from '../check-count.js';
import { asTemplate, type Template } from '../template/parse-template.js';
import type { TemplatePiece } from '../template/piece.js';
import { textsPerExample } from '../template/texts-per-example.js';

export interface DemonstrationTemplateOptions {
  /** Number of labels (`by-label`); each is demonstrated in label order. */
  readonly labels: number;
  /** Demonstrations per label. Default: 1, as LM-BFF. */
  readonly perLabel?: number;
  /**
   * `by-label` (default, LM-BFF): the query, then a part per label that names its label word.
   * `in-context-after` and `in-context-before` (GPT-3 style): `labels × perLabel` parts of any labels, named by
   * the support example (`*labelx_i*`), after or before the query.
   */
  readonly style?: 'by-label' | 'in-context-after' | 'in-context-before';
}

const stars = (piece: TemplatePiece): string => (piece.kind === 'text' ? piece.source : `*${piece.source}*`);

/**
 * Extends a template by demonstrations: the template without `*cls*` is repeated, its sentences shifted by the
 * texts of the examples before, its mask replaced by the label word. Text i of demonstration d is
 * `*sent_{(d+1)·s+i}*`, where s is the number of texts per example.
 *
 * @example
 * ```ts
 * demonstrationTemplate('*cls**sent_0*_It_was*mask*.*sep+*', { labels: 2 }).source;
 * // '*cls**sent_0*_It_was*mask*.*sep+**sent_1*_It_was*label_0*.*sep+**sent_2*_It_was*label_1*.*sep+*'
 * ```
 * @param template for one example; it must name every text of an example
 * @throws TemplateError, BadArgumentError
 */
export const demonstrationTemplate = (
  template: Template | string,
  options: DemonstrationTemplateOptions,
): Template => {
  const { labels, perLabel = 1, style = 'by-label' } = options;
  checkCount('labels', labels, 1);
  checkCount('perLabel', perLabel, 1);
  const query = asTemplate(template);
  const texts = textsPerExample(query);
  const part = (d: number): TemplatePiece[] =>
    query.pieces
      .filter((piece) => piece.kind !== 'cls')
      .map((piece): TemplatePiece => {
        if (piece.kind === 'sentence') {
          const index = piece.index + texts * (d + 1);
          return { ...piece, index, source: piece.source.replace(/\d+$/, String(index)) };
        }
        if (piece.kind !== 'mask') return piece;
        const kind = style === 'by-label' ? 'label' : 'support-label';
        const index = style === 'by-label' ? Math.floor(d / perLabel) : d;
        return { ...piece, kind, index, source: `${kind === 'label' ? 'label' : 'labelx'}_${index}` };
      });
  const parts = Array.from({ length: labels * perLabel }, (_, d) => part(d));
  const pieces =
    style === 'in-context-before'
      ? [...parts.reverse(), query.pieces].flat()
      : [query.pieces, ...parts].flat();
  let source = '';
  const placed: TemplatePiece[] = [];
  for (const piece of pieces) {
    // An empty piece keeps two literals apart.
    if (piece.kind === 'text' && placed.at(-1)?.kind === 'text') source += '**';
    const start = source.length + (piece.kind === 'text' ? 0 : 1);
    source += stars(piece);
    placed.push({ ...piece, start, end: start + piece.source.length });
  }
  return { source, pieces: placed };
};
