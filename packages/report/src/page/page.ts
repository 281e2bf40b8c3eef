import { clientScript } from './client/script.js';
import { embedded, html, type Markup, slug, trusted } from './markup.js';
import { type Part, renderPart } from './part.js';
import { styleSheet } from './style.js';
import { TextPool } from './text-pool.js';

/** Parts under a heading. */
export interface Section {
  readonly title: string;
  readonly parts: readonly Part[];
  /** Sections below it. */
  readonly sections?: readonly Section[];
  /** Closed until the reader opens it; it is printed all the same. */
  readonly folded?: boolean;
}

/** A page with its title and its sections. */
export interface Page {
  readonly title: string;
  readonly subtitle?: string;
  /** Shown below the title, before the first section. */
  readonly parts?: readonly Part[];
  readonly sections: readonly Section[];
  /** The program and version that made it. */
  readonly madeBy?: string;
  /** A text that says which results it shows, such as their hash: {@link showsResults} finds it. */
  readonly results?: string;
}

/** Renders sections one below the other, each with an id of its own. */
class Sections {
  readonly #ids = new Set<string>();
  constructor(readonly pool: TextPool) {}

  idOf(title: string): string {
    const base = slug(title);
    let id = base;
    for (let i = 2; this.#ids.has(id); i++) id = `${base}-${i}`;
    this.#ids.add(id);
    return id;
  }

  render({ title, parts, sections = [], folded = false }: Section, level: number, id: string): Markup {
    const heading = trusted(`h${Math.min(level, 6)}`);
    const head = html`<${heading} id="${id}">${title}</${heading}>`;
    const body = html`${parts.map((part) => renderPart(part, this.pool))}${sections.map((below) =>
      this.render(below, level + 1, this.idOf(below.title)),
    )}`;
    return folded
      ? html`<section aria-labelledby="${id}"><details class="folded"><summary>${head}</summary>${body}</details></section>`
      : html`<section aria-labelledby="${id}">${head}${body}</section>`;
  }
}

/** The first line of a page, with the results that it shows in a comment. */
const doctype = (results: string | undefined): Markup =>
  trusted(`<!doctype html>${results === undefined ? '' : `<!-- results ${slug(results)} -->`}`);

/** True for a page, or the beginning of one, that was rendered with these `results`. */
export const showsResults = (page: string, results: string): boolean =>
  page.startsWith(doctype(results).source);

/**
 * Renders a page as one HTML file that needs no other file and no network. Everything can be read without scripts; scripts
 * sort and filter tables and move through heat maps. All texts are escaped.
 *
 * @example
 * ```ts
 * await writeFile('report.html', renderPage({
 *   title: 'sentiment, 16-shot',
 *   sections: [{ title: 'Results', parts: [{ kind: 'table', table }, { kind: 'figure', svg: dotChart(chart) }] }],
 * }));
 * ```
 * @returns the file's text; the same page gives the same bytes
 * @throws TableShapeError, FigureDataError for parts that cannot be shown
 */
export const renderPage = ({ title, subtitle, parts = [], sections, madeBy, results }: Page): string => {
  const pool = new TextPool();
  const all = new Sections(pool);
  const drawn = sections.map((section) => {
    const id = all.idOf(section.title);
    return { id, title: section.title, markup: all.render(section, 2, id) };
  });
  const top = parts.map((part) => renderPart(part, pool));
  const contents =
    drawn.length > 2
      ? html`<nav aria-label="Sections"><ul>${drawn.map(
          ({ id, title: text }) => html`<li><a href="#${id}">${text}</a></li>`,
        )}</ul></nav>`
      : undefined;
  const page = html`${doctype(results)}
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:">${
    madeBy === undefined ? undefined : html`<meta name="generator" content="${madeBy}">`
  }<title>${title}</title><style>${trusted(styleSheet)}</style></head>
<body><header><h1>${title}</h1>${
    subtitle === undefined ? undefined : html`<p class="subtitle">${subtitle}</p>`
  }${top}</header>${contents}
<main>
${drawn.map(({ markup }) => html`${markup}\n`)}</main>
${madeBy === undefined ? undefined : html`<footer>${madeBy}</footer>\n`}${embedded('texts', pool.texts)}<script>${trusted(clientScript())}</script></body></html>
`;
  return page.source;
};
