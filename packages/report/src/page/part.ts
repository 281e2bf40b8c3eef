import type { Markup } from './markup.js';
import { type ExamplesPart, renderExamples } from './parts/examples-part.js';
import { type HeatMapPart, renderHeatMap } from './parts/heat-map-part.js';
import {
  type FactsPart,
  type FigurePart,
  type LinksPart,
  type NumbersPart,
  renderFacts,
  renderFigure,
  renderLinks,
  renderNumbers,
  renderText,
  type TextPart,
} from './parts/simple-parts.js';
import { renderTable, type TablePart } from './parts/table-part.js';
import { renderVerdicts, type VerdictsPart } from './parts/verdicts-part.js';
import type { TextPool } from './text-pool.js';

/** A part of a page: a value that says what is shown. */
export type Part =
  | TextPart
  | NumbersPart
  | FactsPart
  | LinksPart
  | TablePart
  | FigurePart
  | HeatMapPart
  | ExamplesPart
  | VerdictsPart;

export const renderPart = (part: Part, pool: TextPool): Markup => {
  switch (part.kind) {
    case 'text':
      return renderText(part);
    case 'numbers':
      return renderNumbers(part);
    case 'facts':
      return renderFacts(part);
    case 'links':
      return renderLinks(part);
    case 'table':
      return renderTable(part);
    case 'figure':
      return renderFigure(part);
    case 'heat-map':
      return renderHeatMap(part, pool);
    case 'examples':
      return renderExamples(part);
    case 'verdicts':
      return renderVerdicts(part);
  }
};
