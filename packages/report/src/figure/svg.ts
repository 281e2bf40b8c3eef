import { oneLine } from '../table/plain-text.js';
import { dark, light } from './palette.js';

type Attributes = Readonly<Record<string, string | number | undefined>>;

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

export interface TextOptions {
  readonly className?: string;
  readonly anchor?: 'start' | 'middle' | 'end';
  readonly size?: number;
  readonly weight?: number;
  readonly rotate?: number;
  readonly fill?: string;
}

export const text = (x: number, y: number, content: string, options: TextOptions = {}): string =>
  element(
    'text',
    {
      x,
      y,
      class: options.className ?? 'ntk-text',
      'text-anchor': options.anchor,
      'font-size': options.size,
      'font-weight': options.weight,
      fill: options.fill,
      transform: options.rotate === undefined ? undefined : `rotate(${options.rotate} ${show(x)} ${show(y)})`,
    },
    escapeXml(content),
  );

export const line = (x1: number, y1: number, x2: number, y2: number, attributes: Attributes): string =>
  element('line', { x1, y1, x2, y2, ...attributes });

/** Average width of the figure font per character, as a part of its size; only for layout. */
export const textWidth = (content: string, size: number): number => [...content].length * size * 0.58;

const rules = (c: typeof light | typeof dark): string =>
  `.ntk-background{fill:${c.background}}.ntk-text{fill:${c.text}}.ntk-muted{fill:${c.muted}}` +
  `.ntk-axis{stroke:${c.muted};fill:none}.ntk-grid{stroke:${c.grid};fill:none}.ntk-strong{stroke:${c.text};fill:none}.ntk-halo{fill:${c.text};stroke:${c.background};stroke-width:4;stroke-linejoin:round;paint-order:stroke}`;

export interface Frame {
  readonly width: number;
  readonly height: number;
  /** Short name, drawn on top and read first by a screen reader. */
  readonly title: string;
  /** What the figure shows, in words with its main numbers, for those who do not see it. */
  readonly description: string;
}

/**
 * A whole SVG file: title and description for screen readers, its own background, colours that follow the
 * reader's light or dark scheme. `id` keeps references apart when several figures stand in one page.
 */
export const document = (frame: Frame, id: string, ...children: readonly string[]): string => {
  const { width, height } = frame;
  return `${element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      viewBox: `0 0 ${width} ${height}`,
      width,
      height,
      role: 'img',
      'aria-labelledby': `${id}-title ${id}-description`,
      'font-family':
        "system-ui, -apple-system, 'Segoe UI', 'Helvetica Neue', Arial, 'DejaVu Sans', sans-serif",
      'font-size': 13,
    },
    element('title', { id: `${id}-title` }, escapeXml(frame.title)),
    element('desc', { id: `${id}-description` }, escapeXml(frame.description)),
    `<style>${rules(light)}@media (prefers-color-scheme:dark){${rules(dark)}}</style>`,
    element('rect', { width, height, class: 'ntk-background' }),
    text(20, 28, frame.title, { size: 16, weight: 600 }),
    ...children,
  )}\n`;
};

/** A short id made of the figure's content (FNV-1a), so that the same figure gives the same bytes. */
export const idOf = (content: string): string => {
  let hash = 0x811c9dc5;
  for (let i = 0; i < content.length; i++) hash = Math.imul(hash ^ content.charCodeAt(i), 0x01000193);
  return `ntk-${(hash >>> 0).toString(16).padStart(8, '0')}`;
};
