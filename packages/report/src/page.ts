export { type SpectrumChart, spectrumChart } from './figure/spectrum-chart.js';
export { type Page, renderPage, type Section, showsResults } from './page/page.js';
export type { Part } from './page/part.js';
export type { Answer, ExampleRow, ExamplesPart } from './page/parts/examples-part.js';
export type { ExampleSide, HeatMapPart } from './page/parts/heat-map-part.js';
export type { FactsPart, FigurePart, LinksPart, NumbersPart, TextPart } from './page/parts/simple-parts.js';
export { renderHtmlTable, type TablePart } from './page/parts/table-part.js';
export type { VerdictRow, VerdictsPart } from './page/parts/verdicts-part.js';
