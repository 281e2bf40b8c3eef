import { oneLine } from '../table/plain-text.js';

/** HTML that is safe to write as it is. Only {@link html} and {@link trusted} make it. */
export class Markup {
  constructor(readonly source: string) {}
}

/** A value that {@link html} can put into a page. */
export type Content = string | number | Markup | undefined | readonly Content[];

/** A text as HTML shows it, in an element or in an attribute. */
export const escapeHtml = (text: string): string =>
  oneLine(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');

const written = (content: Content): string => {
  if (content === undefined) return '';
  if (content instanceof Markup) return content.source;
  if (typeof content === 'object') return content.map(written).join('');
  return escapeHtml(String(content));
};

/** HTML from a template: every text in it is escaped, markup stays as it is, and lists are joined. */
export const html = (strings: TemplateStringsArray, ...values: readonly Content[]): Markup =>
  new Markup(strings.map((text, i) => text + written(values[i])).join(''));

/** Markup that this package made itself, such as a figure. */
export const trusted = (source: string): Markup => new Markup(source);

/** Characters that end a script, or that scripts of older engines take for the end of a line. */
const inScripts: Readonly<Record<string, string>> = {
  '<': '\\u003c',
  '>': '\\u003e',
  '\u2028': '\\u2028',
  '\u2029': '\\u2029',
};

/** Data for the scripts of a page. No text in it can end the element. */
export const embedded = (name: string, data: unknown): Markup =>
  html`<script type="application/json" data-name="${name}">${trusted(
    JSON.stringify(data).replace(/[<>\u2028\u2029]/g, (character) => inScripts[character]!),
  )}</script>`;

/** The text of an id: letters, digits and hyphens. */
export const slug = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '') || 'part';
