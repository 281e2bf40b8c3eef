/** Pixels of a font of 14 pixels, with lines as high as its frames, and the margin around them. */
const [CHARACTER, LINE, MARGIN] = [8.4, 16.3, 16];

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Classes of the codes of picocolors: bold, dim, and colours; 0 and 39 end them. */
const classes: Readonly<Record<string, string>> = {
  ...{ 1: 'b', 2: 'd', 31: 'r', 32: 'g', 33: 'y', 36: 'c' },
};

/** An escape of colours; its codes are in the group. */
const colorEscape = new RegExp(`${String.fromCharCode(27)}\\[([0-9;]*)m`);

interface Run {
  readonly at: number;
  readonly text: string;
  readonly style: string;
}

/** Pieces of a line by their colours, each with the column that it starts at. */
const runsOf = (line: string): Run[] => {
  const on = new Set<string>();
  const runs: Run[] = [];
  let at = 0;
  for (const [index, part] of line.split(colorEscape).entries()) {
    if (index % 2 === 1) {
      for (const code of part.split(';'))
        if (classes[code] !== undefined) on.add(classes[code]);
        else if (code === '22') for (const name of ['b', 'd']) on.delete(name);
        else if (code === '39') for (const name of ['r', 'g', 'y', 'c']) on.delete(name);
        else on.clear();
      continue;
    }
    if (part.trim() !== '') runs.push({ at, text: part, style: [...on].join(' ') });
    at += [...part].length;
  }
  return runs;
};

/** The screen of a terminal as a picture: a text for every piece of a colour, so that it stays small and can be searched. */
export const screenSvg = (title: string, lines: readonly string[], columns: number): string => {
  const [width, height] = [columns * CHARACTER + 2 * MARGIN, Math.ceil(lines.length * LINE) + 2 * MARGIN];
  const texts = lines.flatMap((line, row) =>
    runsOf(line).map(({ at, text, style }) => {
      const start = text.length - text.trimStart().length;
      const shown = text.trim();
      const x = (MARGIN + (at + start) * CHARACTER).toFixed(1);
      const length = ([...shown].length * CHARACTER).toFixed(1);
      const name = style ? ` class="${style}"` : '';
      return `<text x="${x}" y="${(MARGIN + row * LINE + 13).toFixed(1)}" textLength="${length}"${name}>${escaped(shown)}</text>`;
    }),
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">
<title>${escaped(title)}</title>
<style>text{font:14px ui-monospace,"DejaVu Sans Mono",Menlo,Consolas,monospace;fill:#e6edf3;white-space:pre}.b{font-weight:bold}.d{fill:#9da7b3}.r{fill:#ff7b72}.g{fill:#56d364}.y{fill:#e3b341}.c{fill:#56d4dd}</style>
<rect width="${width}" height="${height}" rx="8" fill="#0d1117"/>
${texts.join('\n')}
</svg>
`;
};
