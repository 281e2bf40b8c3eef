import { tex } from '@mdit/plugin-tex';
import katex from 'katex';
import type { MarkdownRenderer } from 'vitepress';

/** Moves the letters and marks that touch a formula in a line to the formula, so that none of them begins or ends a line alone. */
const withMarks = (md: MarkdownRenderer): void => {
  md.core.ruler.push('formulas-with-marks', ({ tokens }) => {
    for (const { children } of tokens)
      for (const [i, token] of (children ?? []).entries()) {
        if (token.type !== 'math_inline') continue;
        const touching = (neighbour: typeof token | undefined, pattern: RegExp): string => {
          if (neighbour?.type !== 'text') return '';
          const [found = ''] = pattern.exec(neighbour.content) ?? [];
          neighbour.content = neighbour.content.replace(pattern, '');
          return found;
        };
        token.meta = {
          before: touching(children![i - 1], /\S+$/),
          after: touching(children![i + 1], /^\S+/),
        };
      }
  });
  /** The last piece of a formula as one that no line ends after. Browsers break lines between boxes whose parent wraps. */
  const lastKept = (html: string): string => {
    const last = html.lastIndexOf('<span class="base">');
    const end = html.lastIndexOf('</span></span></span>');
    return `${html.slice(0, last)}<span class="last">${html.slice(last, end)}</span>${html.slice(end)}`;
  };
  const formula = md.renderer.rules['math_inline']!;
  md.renderer.rules['math_inline'] = (tokens, i, ...rest) => {
    const { before = '', after = '' } = tokens[i]!.meta ?? {};
    const escaped = md.utils.escapeHtml;
    const html = formula(tokens, i, ...rest);
    return `<span class="kept">${escaped(before)}${after === '' ? html : lastKept(html)}${escaped(after)}</span>`;
  };
};

/**
 * Typesets `$…$` and `$$…$$` while the site is built. A formula in a line keeps the marks that touch it.
 *
 * @throws KaTeX's ParseError for a formula that it cannot read
 */
export const typesetMath = (md: MarkdownRenderer): void => {
  md.use(tex, {
    render: (source: string, displayMode: boolean) => {
      const html = katex.renderToString(source, { displayMode, strict: 'error' });
      // Vue would read braces of a formula as its own.
      return displayMode ? `<p v-pre class="formula">${html}</p>` : `<span v-pre>${html}</span>`;
    },
  });
  withMarks(md);
};
