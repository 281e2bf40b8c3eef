export { FigureDataError, TableShapeError } from './errors.js';
export type { Axis } from './figure/axis.js';
export { type Dot, type DotChart, dotChart } from './figure/dot-chart.js';
export { type HeatMap, type HeatMapSide, heatMap } from './figure/heat-map.js';
export { type Formula, type Label, math } from './figure/label.js';
export {
  type LineChart,
  type LinePanel,
  type LinePoint,
  type LineSeries,
  lineChart,
} from './figure/line-chart.js';
export {
  type ScatterChart,
  type ScatterPanel,
  type ScatterSeries,
  scatterChart,
} from './figure/scatter-chart.js';
export type { FigureText } from './figure/svg.js';
export { durationText } from './progress/duration.js';
export {
  createProgressRenderer,
  type ProgressOptions,
  type ProgressRenderer,
  type ProgressStream,
} from './progress/progress-renderer.js';
export { renderCsv } from './table/csv-table.js';
export { escapeLatex, renderLatexTable } from './table/latex-table.js';
export { escapeMarkdown, renderMarkdownTable } from './table/markdown-table.js';
export { oneLine } from './table/plain-text.js';
export type { Cell, Column, MeanSd, Row, Table } from './table/table.js';
export { terminalLines } from './table/terminal-lines.js';
export { renderTerminalTable } from './table/terminal-table.js';
