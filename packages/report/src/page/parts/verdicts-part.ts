import { html, type Markup, slug } from '../markup.js';
import { notesOf } from './table-part.js';

/** A verdict on one condition, as a check finds it. */
export interface VerdictRow {
  readonly condition: string;
  readonly subject?: string;
  readonly verdict: string;
  readonly measure: string;
  readonly statistic?: string;
  readonly interval?: string;
  readonly threshold: string;
  readonly definition: string;
  readonly note?: string;
}

/** Verdicts as a table. The definition of a condition appears where it is pointed at, focused or tapped, and below. */
export interface VerdictsPart {
  readonly kind: 'verdicts';
  readonly verdicts: readonly VerdictRow[];
  readonly notes?: readonly string[];
}

const signs: Readonly<Record<string, string>> = { holds: '✓', fails: '✕' };

/** A verdict in words, with a sign and a colour. */
const badge = (verdict: string): Markup =>
  html`<span class="verdict ${slug(verdict)}"><span aria-hidden="true">${signs[verdict] ?? '?'}</span> ${verdict}</span>`;

export const renderVerdicts = ({ verdicts, notes = [] }: VerdictsPart): Markup => {
  const conditions = new Map(verdicts.map((row) => [row.condition, row]));
  const seen = new Set<string>();
  const term = ({ condition, definition, measure }: VerdictRow, i: number): Markup => {
    const id = `tip-${slug(condition)}-${i}`;
    return html`<span class="term" tabindex="0" aria-describedby="${id}">${condition}<span role="tooltip" class="tip" id="${id}">${definition} <em>Statistic: ${measure}.</em></span></span>`;
  };
  const rows = verdicts.map((row, i) => {
    const first = !seen.has(row.condition);
    seen.add(row.condition);
    return html`<tr${first && i > 0 ? html` class="rule"` : undefined}><th scope="row">${term(row, i)}${
      row.subject === undefined ? undefined : html`<small>${row.subject}</small>`
    }</th><td>${badge(row.verdict)}</td><td class="right">${row.statistic ?? '–'}</td><td class="right">${
      row.interval ?? '–'
    }</td><td>${row.threshold}</td><td class="note">${row.note ?? ''}</td></tr>`;
  });
  return html`<div class="table verdicts"><table class="sortable"><thead><tr><th scope="col">condition</th><th scope="col">verdict</th><th scope="col" class="right">statistic</th><th scope="col" class="right">95 % interval</th><th scope="col">threshold</th><th scope="col">note</th></tr></thead><tbody>${rows}</tbody></table></div>${notesOf(
    notes,
  )}<details class="definitions" open><summary>Definitions of the conditions</summary><dl>${[
    ...conditions.values(),
  ].map(
    ({ condition, definition, measure }) =>
      html`<dt>${condition}</dt><dd>${definition}<br><small>Statistic: ${measure}.</small></dd>`,
  )}</dl></details>`;
};
