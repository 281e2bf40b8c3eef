import { html, type Markup } from '../markup.js';
import { notesOf } from './table-part.js';

/** The answer of a method on one example. */
export interface Answer {
  readonly prediction: string;
  /** Score of the label less the largest of the others; absent for a regression. */
  readonly margin?: number;
  readonly right?: boolean;
}

/** One example with the answers of the methods, in their order, and the training examples nearest to it. */
export interface ExampleRow {
  readonly index: number;
  readonly texts: readonly string[];
  readonly label: string;
  readonly answers: readonly (Answer | undefined)[];
  readonly nearest: readonly {
    readonly texts: readonly string[];
    readonly label: string;
    readonly similarity: number;
  }[];
}

/** A table of examples that readers sort and filter. */
export interface ExamplesPart {
  readonly kind: 'examples';
  readonly methods: readonly string[];
  readonly rows: readonly ExampleRow[];
  /** The meaning of the numbers next to the nearest examples. */
  readonly similarity: string;
  readonly notes?: readonly string[];
}

const signed = (value: number): string => `${value < 0 ? '−' : '+'}${Math.abs(value).toPrecision(3)}`;

const textsOf = (texts: readonly string[]): Markup =>
  html`${texts.map((text, i) => html`${i > 0 ? html`<br>` : undefined}${text}`)}`;

/** Narrow screens show rows as cards: roles keep them rows and cells for screen readers. */
export const renderExamples = ({ methods, rows, similarity, notes = [] }: ExamplesPart): Markup => {
  const answered = (answer: Answer | undefined, method: string): Markup =>
    answer === undefined
      ? html`<td role="cell" data-label="${method}">–</td><td role="cell" class="right" data-label="margin">–</td>`
      : html`<td role="cell" data-label="${method}" class="${answer.right === undefined ? '' : answer.right ? 'right-answer' : 'wrong-answer'}">${
          answer.right === undefined
            ? undefined
            : html`<span aria-hidden="true">${answer.right ? '✓' : '✕'}</span> `
        }${answer.prediction}</td>${
          answer.margin === undefined
            ? html`<td role="cell" class="right" data-label="margin">–</td>`
            : html`<td role="cell" class="right" data-label="margin" data-value="${answer.margin}">${signed(answer.margin)}</td>`
        }`;
  const hasNearest = rows.some(({ nearest }) => nearest.length > 0);
  const nearestOf = ({ nearest }: ExampleRow): Markup | undefined =>
    hasNearest
      ? html`<td role="cell" class="nearest" data-label="nearest in training"><ol>${nearest.map(
          (one) =>
            html`<li>${textsOf(one.texts)} <small>${one.label}, ${one.similarity.toFixed(2)}</small></li>`,
        )}</ol></td>`
      : undefined;
  return html`<div class="table examples"><table role="table" class="sortable filterable cards"><thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col" class="right">#</th><th role="columnheader" scope="col">text</th><th role="columnheader" scope="col">label</th>${methods.map(
    (method) =>
      html`<th role="columnheader" scope="col">${method}</th><th role="columnheader" scope="col" class="right">margin</th>`,
  )}${hasNearest ? html`<th role="columnheader" scope="col" title="${similarity}">nearest in training</th>` : undefined}</tr></thead><tbody role="rowgroup">${rows.map(
    (row) =>
      html`<tr role="row"><td role="cell" class="right" data-label="#" data-value="${row.index}">${row.index}</td><th role="rowheader" scope="row" class="sentence">${textsOf(row.texts)}</th><td role="cell" data-label="label">${row.label}</td>${methods.map((method, i) => answered(row.answers[i], method))}${nearestOf(row)}</tr>`,
  )}</tbody></table></div>${notesOf(notes)}`;
};
