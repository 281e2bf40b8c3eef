import { pretrainingScheme, type SchemeSettings, schemeGroups } from '../../options/scheme.js';

const [, { fields }] = schemeGroups([], [], pretrainingScheme);

const textOf = (value: SchemeSettings[keyof SchemeSettings]): string =>
  typeof value === 'object' ? value.join(',') || 'none' : String(value);

/**
 * The command that trains the same widths and seeds by the same scheme.
 *
 * @param usual the scheme of the command without options
 * @returns undefined where a seed lacks some width, which one command cannot say
 */
export const schemeCommand = (
  command: 'pretrain' | 'coordinates',
  models: readonly { readonly width: number; readonly seed: number }[],
  scheme: SchemeSettings,
  usual: SchemeSettings,
): string | undefined => {
  const widths = [...new Set(models.map(({ width }) => width))];
  const seeds = [...new Set(models.map(({ seed }) => seed))];
  if (models.length !== widths.length * seeds.length) return undefined;
  const given = (Object.keys(fields) as (keyof SchemeSettings)[]).flatMap((field) => {
    const value = textOf(scheme[field]);
    return value === textOf(usual[field]) ? [] : [`${fields[field].flags.split(' ')[0]} ${value}`];
  });
  return [`ntk-lens ${command} --widths ${widths.join(',')} --seeds ${seeds.join(',')}`, ...given].join(' ');
};
