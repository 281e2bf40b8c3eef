import { tex } from '@mdit/plugin-tex';
import katex from 'katex';
import type { MarkdownRenderer } from 'vitepress';

/**
 * Typesets `$…$` and `$$…$$` while the site is built.
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
};
