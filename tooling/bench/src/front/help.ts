import { wrapText } from '@ntk-lens/core';
import type { Bench } from './benches.js';
import type { OptionDefinition } from './option.js';
import { visible } from './parse-options.js';

const COLUMNS = 110;

/** Lines of a term and what it means, in two columns. */
const rows = (entries: readonly (readonly [term: string, meaning: string])[]): string => {
  const width = Math.max(...entries.map(([term]) => term.length)) + 4;
  return entries
    .map(([term, meaning]) => {
      const lines = wrapText(meaning, COLUMNS - width);
      return `${`  ${term}`.padEnd(width)}${lines.join(`\n${' '.repeat(width)}`)}`;
    })
    .join('\n');
};

/** The benches, a line each. */
export const listing = (benches: Readonly<Record<string, Bench>>): string => {
  const entries = Object.entries(benches).map(([name, { summary }]) => [name, summary] as const);
  return [
    'pnpm bench NAME [options]',
    rows(entries),
    '"pnpm bench NAME --help" lists the options of one. Run a bench on a machine that does nothing else.',
  ].join('\n\n');
};

const values: Readonly<Record<OptionDefinition['kind'], string>> = {
  flag: '',
  text: ' TEXT',
  names: ' NAMES',
  count: ' N',
  number: ' X',
  file: ' FILE',
  folder: ' DIR',
  place: ' PATH',
};

const meaningOf = (option: OptionDefinition): string => {
  const { meaning, choices, required } = option;
  const preset = option.shown ?? option.default;
  return [
    meaning,
    ...(choices ? [`${option.kind === 'names' ? 'some' : 'one'} of ${choices.join(', ')}`] : []),
    ...(required ? ['needed'] : []),
    ...(preset === undefined ? [] : [`default: ${Array.isArray(preset) ? preset.join(',') : preset}`]),
  ].join('; ');
};

const sentence = (text: string): string => `${text[0]!.toUpperCase()}${text.slice(1)}.`;

/** The help of a bench: its subject, its options, and the packages of its peers. */
export const helpOf = (name: string, { summary, about, options, needs }: Bench): string => {
  const entries = Object.entries(visible(options)).map(
    ([option, definition]) => [`--${option}${values[definition.kind]}`, meaningOf(definition)] as const,
  );
  const packages = needs && `Its peers need ${needs.join(', ')}: see tooling/bench/requirements.txt.`;
  return [
    `pnpm bench ${name} [options]`,
    ...[sentence(summary), about, packages]
      .filter((text) => text !== undefined)
      .map((text) => wrapText(text, COLUMNS).join('\n')),
    rows(entries),
  ].join('\n\n');
};
