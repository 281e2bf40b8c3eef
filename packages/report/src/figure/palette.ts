/**
 * Colours of series, in order: told apart with the common colour deficiencies, and ≥ 3:1 against both the light
 * and the dark background, so that one file serves both.
 */
export const seriesColors = ['#2f7ed8', '#c8621c', '#16915f', '#c5529a', '#8a6fd1', '#8c7a1f'] as const;

export const light = { background: '#ffffff', text: '#1f2328', muted: '#59636e', grid: '#d8dee4' } as const;
export const dark = { background: '#0d1117', text: '#e6edf3', muted: '#9aa4af', grid: '#30363d' } as const;

export const colorOf = (series: number): string => seriesColors[series % seriesColors.length]!;
