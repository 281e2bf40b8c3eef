import type { Column } from '@ntk-lens/report';

const fractions = ['accuracy', 'f1'];

/** True for metrics that are shown as percent. */
export const isPercent = (metric: string): boolean => fractions.includes(metric);

/** The format of a metric's column. */
export const metricFormat = (metric: string): Pick<Column, 'percent' | 'digits' | 'align'> => ({
  percent: isPercent(metric),
  digits: isPercent(metric) ? 1 : 3,
  align: 'right',
});
