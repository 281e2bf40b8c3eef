import picocolors from 'picocolors';
import stringWidth from 'string-width';
import type { PromptDescription, StyledSegment } from './describe-prompt.js';

type Paint = (text: string, segment: StyledSegment) => string;

const reasons: Readonly<Record<NonNullable<StyledSegment['omitted']>, string>> = {
  'sentence-limit': 'left out by the sentence limit',
  'max-length': 'left out by the maximum length',
  'after-mask': 'after the mask, not read by a causal model',
};

/** Control characters made visible, so that no text can steer the terminal. */
const visible = (text: string): string =>
  text.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu, (character) =>
    character === '\n' ? '↵' : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

const counted = (tokens: number): string => `${tokens} token${tokens === 1 ? '' : 's'}`;

const places = ({ tokens }: StyledSegment): string => {
  const [first, last] = [tokens[0]?.position, tokens.at(-1)?.position];
  return first === undefined ? '' : first === last ? `${first}` : `${first}–${last}`;
};

/** Lines of at most `room` columns, broken between words; a longer word has a line of its own. */
const wrapped = (words: readonly string[], room: number): string[] => {
  const lines: string[] = [];
  let width = 0;
  for (const word of words) {
    const own = stringWidth(word);
    if (lines.length > 0 && width + 1 + own <= room) {
      lines[lines.length - 1] += ` ${word}`;
      width += 1 + own;
    } else {
      lines.push(word);
      width = own;
    }
  }
  return lines;
};

const leastRoom = 20;

export interface RenderPromptOptions {
  /** Columns of the terminal: rows of the table are broken between tokens. Default: they are not broken. */
  readonly columns?: number;
}

const render = (
  { length, position, segments }: PromptDescription,
  paint: Paint,
  { columns = Number.POSITIVE_INFINITY }: RenderPromptOptions,
): string => {
  const inline = segments.map((segment) => {
    const text = visible(segment.text);
    return paint(segment.omitted === undefined ? text : `✂${text}✂`, segment);
  });
  const rows = segments.map((segment) => ({ segment, at: places(segment), piece: visible(segment.piece) }));
  const widest = (cells: readonly string[]): number =>
    cells.reduce((most, cell) => Math.max(most, stringWidth(cell)), 0);
  const atWidth = widest(rows.map((row) => row.at));
  const pieceWidth = widest(rows.map((row) => row.piece));
  const indent = atWidth + pieceWidth + 4;
  const room = Math.max(leastRoom, columns - indent);
  const table = rows.map(({ segment, at, piece }) => {
    const { tokens, omitted } = segment;
    const words = tokens.map(({ token, read }) => visible(token) + (read ? ' ◀ read here' : ''));
    const lines = wrapped(words, room);
    const painted = lines.map((line) => paint(line, segment));
    if (omitted !== undefined) {
      const why = `— ${counted(tokens.length)} ${reasons[omitted]}`;
      const fits = stringWidth(lines.at(-1)!) + 1 + stringWidth(why) <= room;
      if (fits) painted[painted.length - 1] += ` ${why}`;
      else painted.push(why);
    }
    const gap = ' '.repeat(pieceWidth - stringWidth(piece));
    const head = `${at.padStart(atWidth)}  ${paint(piece, segment)}${gap}  `;
    return head + painted.join(`\n${' '.repeat(indent)}`);
  });
  return [inline.join('│'), '', ...table, '', `${counted(length)}, read at position ${position}`].join('\n');
};

/**
 * A prompt as plain text: one line with its segments, then a row per piece with positions and tokens, then what
 * is read. Text between scissors (✂) was left out. Control characters are escaped.
 */
export const renderPromptPlain = (
  description: PromptDescription,
  options: RenderPromptOptions = {},
): string => render(description, (text) => text, options);

const colors = picocolors.createColors(true);

/**
 * The same in colour, as ANSI escape sequences. Bundlers for browsers leave the colour out (picocolors does);
 * there, style the segments of `describePrompt`.
 */
export const renderPromptAnsi = (description: PromptDescription, options: RenderPromptOptions = {}): string =>
  render(
    description,
    (text, { style, sentence = 0 }) => {
      switch (style) {
        case 'special':
          return colors.dim(text);
        case 'mask':
          return colors.inverse(colors.yellow(text));
        case 'label':
          return colors.magenta(text);
        case 'text':
          return colors.cyan(text);
        case 'omitted':
          return colors.strikethrough(colors.red(text));
        case 'sentence':
          return sentence % 2 === 0 ? colors.green(text) : colors.blue(text);
      }
    },
    options,
  );
