import stringWidth from 'string-width';
import { oneLine } from '../table/plain-text.js';

/** Characters set alike: `level` 1 is a superscript, −1 a subscript. */
export interface Run {
  readonly text: string;
  readonly italic: boolean;
  readonly level: -1 | 0 | 1;
}

/** Mathematics as `math` reads it. */
export interface Formula {
  readonly source: string;
  readonly runs: readonly Run[];
}

/** A text of a figure: text as it is, mathematics, or both in turn. Only `math` reads `_` and `^`. */
export type Label = string | Formula | readonly (string | Formula)[];

const scripts = { _: -1, '^': 1 } as const;
const tokens = /([_^])(?:\{([^{}]*)\}|(\P{M}\p{M}*))|[A-Za-z]{2,}|\P{M}\p{M}*/gsu;

const runsIn = (source: string, level: Run['level']): Run[] =>
  [...source.matchAll(/[A-Za-z]{2,}|\P{M}\p{M}*/gsu)].map(([text]) => ({
    text,
    italic: /^[A-Za-zα-ω]\p{M}*$/u.test(text),
    level,
  }));

const joined = (runs: readonly Run[]): Run[] => {
  const out: Run[] = [];
  for (const run of runs) {
    const last = out.at(-1);
    if (last && last.italic === run.italic && last.level === run.level)
      out[out.length - 1] = { ...last, text: last.text + run.text };
    else out.push(run);
  }
  return out;
};

/**
 * Sets a formula: single letters are italic, words and digits upright, `_` starts a subscript and `^` a superscript,
 * of one character or of what braces hold.
 *
 * @example
 * ```ts
 * lineChart({ ...lines, y: { label: math`‖K(θ_t) − K(θ_0)‖ / ‖K(θ_0)‖` } });
 * ```
 */
export const math = (strings: TemplateStringsArray, ...values: readonly (string | number)[]): Formula => {
  const source = String.raw(strings, ...values);
  const runs = [...source.matchAll(tokens)].flatMap(([whole, script, group, single]) =>
    script ? runsIn(group ?? single!, scripts[script as '_' | '^']) : runsIn(whole, 0),
  );
  return { source, runs: joined(runs) };
};

const parts = (label: Label): readonly (string | Formula)[] =>
  typeof label === 'string' || 'source' in label ? [label] : label;

export const runsOf = (label: Label): Run[] =>
  parts(label).flatMap((part) =>
    typeof part === 'string' ? [{ text: oneLine(part), italic: false, level: 0 } as const] : part.runs,
  );

/** A label in one line of plain text, for descriptions: `θ₀`, `θ_T`, `n^(−1/2)`. */
export const plain = (label: Label): string =>
  parts(label)
    .map((part) =>
      typeof part === 'string'
        ? part
        : part.source
            .replace(/_(\d)/g, (_, digit: string) => '₀₁₂₃₄₅₆₇₈₉'[Number(digit)]!)
            .replace(/_\{([^{}]*)\}/g, '_$1')
            .replace(/\^\{([\d.]+)\}/g, '^$1')
            .replace(/\^\{([^{}]*)\}/g, '^($1)'),
    )
    .join('');

/** Size of a sub- or superscript as a part of the size around it, and how far it is moved. */
export const script = { size: 0.74, down: 0.22, up: 0.36 } as const;

const measured = new Map<string, number>();

/** Characters that are measured once; texts in many scripts have more. */
const MOST_MEASURED = 10_000;

/**
 * Advance of a character as a part of the font's size, in wide fonts such as DejaVu Sans and Verdana; others are
 * narrower, so that an estimate errs to the safe side.
 */
const advance = (character: string): number => {
  const known = measured.get(character);
  if (known !== undefined) return known;
  const found = measure(character);
  if (measured.size < MOST_MEASURED) measured.set(character, found);
  return found;
};

const measure = (character: string): number => {
  const columns = stringWidth(character);
  if (columns !== 1) return 0.6 * columns;
  if (/[ijlI.,:;'|!‖′]/.test(character)) return 0.36;
  if (/[ftr()[\]{}\-" /]/.test(character)) return 0.42;
  if (/[mwMW%@…—∞]/.test(character)) return 1;
  return /[A-Z≤≥−+=·×∝∇⟨⟩ΔΘ]/.test(character) ? 0.8 : 0.65;
};

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Width of a label, estimated for layout. */
export const labelWidth = (label: Label, size: number, bold = false): number =>
  sum(
    runsOf(label).map(
      ({ text, level }) => sum([...text].map(advance)) * size * (level === 0 ? 1 : script.size),
    ),
  ) * (bold ? 1.1 : 1);

/** Runs of a label, cut with an ellipsis where they need more than `room`. */
export const fitted = (label: Label, size: number, room: number, bold = false): readonly Run[] => {
  const runs = runsOf(label);
  if (labelWidth(label, size, bold) <= room) return runs;
  const out: Run[] = [];
  let left = room - advance('…') * size * (bold ? 1.1 : 1);
  for (const run of runs) {
    const scale = size * (run.level === 0 ? 1 : script.size) * (bold ? 1.1 : 1);
    let kept = '';
    for (const { segment } of new Intl.Segmenter().segment(run.text)) {
      const width = sum([...segment].map(advance)) * scale;
      if (width > left) return [...out, { ...run, text: `${kept}…` }];
      left -= width;
      kept += segment;
    }
    out.push(run);
  }
  return out;
};
