/** Metrics of LM-BFF's tasks; all are fractions, higher is better. */
export type MetricName = 'accuracy' | 'f1' | 'matthews' | 'pearson' | 'spearman';
