import { html, type Markup, slug, trusted } from '../markup.js';
import { notesOf } from './table-part.js';

/** A paragraph. */
export interface TextPart {
  readonly kind: 'text';
  readonly text: string;
}

/** Names with their values, such as where numbers are from. `code` is a line that readers copy. */
export interface FactsPart {
  readonly kind: 'facts';
  readonly facts: readonly {
    readonly name: string;
    readonly value: string | number;
    readonly code?: boolean;
  }[];
}

/** A few numbers that matter most. */
export interface NumbersPart {
  readonly kind: 'numbers';
  readonly numbers: readonly {
    readonly name: string;
    readonly value: string;
    readonly note?: string;
    readonly strong?: boolean;
  }[];
}

/** A figure of this package: an SVG with its title and description. */
export interface FigurePart {
  readonly kind: 'figure';
  readonly svg: string;
  readonly notes?: readonly string[];
}

/** Addresses of other files, relative to the page. */
export interface LinksPart {
  readonly kind: 'links';
  readonly links: readonly { readonly to: string; readonly text: string; readonly note?: string }[];
}

export const renderText = ({ text }: TextPart): Markup => html`<p>${text}</p>`;

export const renderFacts = ({ facts }: FactsPart): Markup =>
  html`<dl class="facts">${facts.map(
    ({ name, value, code }) =>
      html`<div><dt>${name}</dt><dd>${code ? html`<code class="copy">${value}</code>` : value}</dd></div>`,
  )}</dl>`;

export const renderNumbers = ({ numbers }: NumbersPart): Markup =>
  html`<dl class="numbers">${numbers.map(
    ({ name, value, note, strong }) =>
      html`<div${strong ? html` class="strong"` : undefined}><dt>${name}</dt><dd>${value}${
        note === undefined ? undefined : html`<small>${note}</small>`
      }</dd></div>`,
  )}</dl>`;

export const renderFigure = ({ svg, notes = [] }: FigurePart): Markup =>
  html`<figure class="drawn" tabindex="0">${trusted(svg)}</figure>${notesOf(notes)}`;

/** Each segment is encoded: a name cannot leave its place, and no scheme such as `javascript:` comes of one. */
const address = (path: string): string => `./${path.split('/').map(encodeURIComponent).join('/')}`;

export const renderLinks = ({ links }: LinksPart): Markup =>
  html`<ul class="links">${links.map(
    ({ to, text, note }) =>
      html`<li><a href="${address(to)}" id="to-${slug(to)}">${text}</a>${note === undefined ? undefined : html` <small>${note}</small>`}</li>`,
  )}</ul>`;
