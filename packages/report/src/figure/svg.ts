import { oneLine } from '../table/plain-text.js';
import { fitted, type Label, plain, type Run, script } from './label.js';
import { darkRules, light } from './palette.js';

export type Attributes = Readonly<Record<string, string | number | undefined>>;

/** Text for XML content or an attribute; characters that XML cannot hold become a replacement mark. */
const escapeXml = (text: string): string =>
  oneLine(text)
    .replace(/[\ufffe\uffff]/g, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');

const show = (value: string | number): string =>
  typeof value === 'number' ? String(Number(value.toFixed(2))) : escapeXml(value);

/** One SVG element; undefined attributes are left out, children are markup. */
export const element = (name: string, attributes: Attributes, ...children: readonly string[]): string => {
  const shown = Object.entries(attributes)
    .filter((entry): entry is [string, string | number] => entry[1] !== undefined)
    .map(([key, value]) => ` ${key}="${show(value)}"`)
    .join('');
  return children.length === 0 ? `<${name}${shown}/>` : `<${name}${shown}>${children.join('')}</${name}>`;
};

export const line = (x1: number, y1: number, x2: number, y2: number, attributes: Attributes): string =>
  element('line', { x1, y1, x2, y2, ...attributes });

export interface TextOptions {
  readonly anchor?: 'start' | 'middle' | 'end';
  /** Default: 12. */
  readonly size?: number;
  readonly bold?: boolean;
  readonly rotate?: number;
  /** Default: that of text. */
  readonly fill?: string;
  /** A rim in the colour of the background, for text on lines. */
  readonly halo?: boolean;
  /** Text that needs more than this is cut. */
  readonly room?: number;
}

/** Scripts are moved by `dy`, which every renderer has, and what follows is moved back. */
const spans = (runs: readonly Run[], size: number): string => {
  let shift = 0;
  return runs
    .map(({ text, italic, level }) => {
      const wanted = level === 0 ? 0 : size * (level === 1 ? -script.up : script.down);
      const attributes = {
        dy: wanted === shift ? undefined : wanted - shift,
        'font-size': level === 0 ? undefined : size * script.size,
        'font-style': italic ? 'italic' : undefined,
      };
      shift = wanted;
      const isPlain = Object.values(attributes).every((value) => value === undefined);
      return isPlain ? escapeXml(text) : element('tspan', attributes, escapeXml(text));
    })
    .join('');
};

export const text = (x: number, y: number, label: Label, options: TextOptions = {}): string => {
  const { size = 12, bold = false, anchor, rotate, fill = light.text, halo, room = Infinity } = options;
  const place = {
    ...{ x, y, 'text-anchor': anchor, 'font-size': size, 'font-weight': bold ? 600 : undefined },
    transform: rotate === undefined ? undefined : `rotate(${rotate} ${show(x)} ${show(y)})`,
  };
  const content = spans(fitted(label, size, room, bold), size);
  // Written twice, since not every renderer paints a stroke below its text.
  const rim = {
    fill: light.background,
    stroke: light.background,
    'stroke-width': 4,
    'stroke-linejoin': 'round',
  };
  return (
    (halo ? element('text', { ...place, ...rim }, content) : '') +
    element('text', { ...place, fill }, content)
  );
};

/** The texts of a figure. */
export interface FigureText {
  /** Short name, drawn on top and read first by a screen reader. */
  readonly title: Label;
  /** The subject of the figure, below the title. */
  readonly subtitle?: Label;
  /** The meaning of its marks, below everything. */
  readonly caption?: Label;
}

export interface Frame extends FigureText {
  readonly width: number;
  /** Without the caption. */
  readonly height: number;
  /** A description of the figure with its main numbers, for those who do not see it. */
  readonly description: string;
}

const margin = 20;

/** Where a figure's own drawing starts, below its title. */
export const headHeight = ({ subtitle }: FigureText): number => (subtitle === undefined ? 40 : 58);

/** A sentence that ends in a full stop. */
const sentence = (label: Label | undefined): string => (label === undefined ? '' : `${plain(label)}. `);

/**
 * A whole SVG file: title and description for screen readers, its own background, colours that follow the
 * reader's light or dark scheme. The id, made of the content, keeps figures of one page apart.
 */
export const document = (frame: Frame, ...children: readonly string[]): string => {
  const { width, title, subtitle, caption, description } = frame;
  const height = frame.height + (caption === undefined ? 0 : 22);
  const id = idOf(children.join('') + plain(title) + description);
  const room = width - 2 * margin;
  const whole = `${sentence(subtitle)}${description}${caption === undefined ? '' : ` ${sentence(caption)}`}`;
  return `${element(
    'svg',
    {
      // Else some renderers drop spaces between upright and italic text.
      'xml:space': 'preserve',
      ...{ xmlns: 'http://www.w3.org/2000/svg', id, viewBox: `0 0 ${show(width)} ${show(height)}` },
      ...{ width, height, role: 'img', 'aria-labelledby': `${id}-title ${id}-description` },
      'font-family':
        "system-ui, -apple-system, 'Segoe UI', 'Helvetica Neue', Arial, 'DejaVu Sans', sans-serif",
    },
    element('title', { id: `${id}-title` }, escapeXml(plain(title))),
    element('desc', { id: `${id}-description` }, escapeXml(whole.trim())),
    `<style>${darkRules(id)}</style>`,
    element('rect', { width, height, fill: light.background }),
    text(margin, 28, title, { size: 16, bold: true, room }),
    ...(subtitle === undefined ? [] : [text(margin, 47, subtitle, { size: 13, fill: light.muted, room })]),
    ...children,
    ...(caption === undefined ? [] : [text(margin, height - 12, caption, { fill: light.muted, room })]),
  )}\n`;
};

/** A short id made of the figure's content (FNV-1a), so that the same figure gives the same bytes. */
const idOf = (content: string): string => {
  let hash = 0x811c9dc5;
  for (let i = 0; i < content.length; i++) hash = Math.imul(hash ^ content.charCodeAt(i), 0x01000193);
  return `ntk-${(hash >>> 0).toString(16).padStart(8, '0')}`;
};
