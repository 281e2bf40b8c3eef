/** Neutral colours of a scheme, and those of its series in the order in which series take them. */
interface Scheme {
  readonly background: string;
  readonly text: string;
  readonly muted: string;
  readonly grid: string;
  readonly series: readonly string[];
}

/**
 * The hues are near those of Okabe and Ito. Every colour has a lightness of its own, about 10 units of L*
 * from the next, so series differ on a grey print as well. The first three differ by more, since most panels
 * have no more.
 */
export const light: Scheme = {
  background: '#ffffff',
  text: '#1f2328',
  muted: '#59636e',
  grid: '#d8dee4',
  series: ['#046793', '#b78d05', '#42002c', '#098a65', '#8d2100', '#2a1c91'],
};

/** The same hues in the same order on a dark background. */
export const dark: Scheme = {
  background: '#0d1117',
  text: '#e6edf3',
  muted: '#9aa4af',
  grid: '#30363d',
  series: ['#4ebdff', '#fec734', '#ffe4f1', '#07ad80', '#dc5023', '#6c4fcd'],
};

/**
 * The style sheet of a figure. Elements carry the light colours as attributes, which every renderer understands; where
 * the reader prefers a dark scheme, rules replace them. A renderer without style sheets shows the light figure.
 */
export const darkRules = (id: string): string => {
  const pairs: readonly (readonly [string, string])[] = [
    [light.background, dark.background],
    [light.text, dark.text],
    [light.muted, dark.muted],
    [light.grid, dark.grid],
    ...light.series.map((color, i) => [color, dark.series[i]!] as const),
  ];
  const rules = pairs.flatMap(([from, to]) =>
    ['fill', 'stroke'].map((name) => `#${id} [${name}="${from}"]{${name}:${to}}`),
  );
  return `@media (prefers-color-scheme:dark){${rules.join('')}}`;
};
