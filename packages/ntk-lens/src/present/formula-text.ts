import { storedFormulaName } from '@ntk-lens/lens/stored';

/** Settings as a list of names and texts, what is nested in parentheses. */
const settingTexts = (settings: Readonly<Record<string, unknown>>): readonly (readonly [string, string])[] =>
  Object.entries(settings).flatMap(([key, value]): (readonly [string, string])[] => {
    if (Array.isArray(value)) return value.length === 0 ? [] : [[key, listText(value)]];
    if (typeof value !== 'object' || value === null) return [[key, plainText(value)]];
    // Nested settings often repeat those around them.
    const own = Object.entries(value).filter(([name, inner]) => settings[name] !== inner);
    return [[key, `(${joined(settingTexts(Object.fromEntries(own)))})`]];
  });

const joined = (texts: readonly (readonly [string, string])[]): string =>
  texts.map(([key, text]) => `${words(key)} ${text}`).join(', ');

/** `beta2From` → `beta2 from` */
const words = (key: string): string => key.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

/** Eight digits tell one hash from another. */
const plainText = (value: unknown): string => String(value).replace(/^([0-9a-f]{8})[0-9a-f]{56}$/, '$1…');

const listText = (list: readonly unknown[]): string =>
  list.length > 2 ? `${list[0]} and ${list.length - 1} more` : list.join(' and ');

const settingsOf = (formula: unknown): readonly (readonly [string, string])[] => {
  if (typeof formula !== 'object' || formula === null) return [];
  const { name: _, ...settings } = formula as Readonly<Record<string, unknown>>;
  return settingTexts(settings);
};

/** Settings of a formula for people: `loss cross-entropy, eps 1e-8`. */
export const settingsText = (settings: Readonly<Record<string, unknown>>): string =>
  joined(settingTexts(settings));

/**
 * A formula as a table shows it among others: its name, and in parentheses the settings in which it differs
 * from others of that name, in the order in which they are stored: `adam (beta2 0.999)`.
 *
 * @param others formulas of the same table; itself may be among them
 */
export const storedFormulaText = (formula: unknown, others: readonly unknown[]): string | undefined => {
  const name = storedFormulaName(formula);
  const namesakes = others
    .filter((other) => storedFormulaName(other) === name)
    .map((other) => new Map(settingsOf(other)));
  const own = settingsOf(formula).filter(([key, text]) => namesakes.some((other) => other.get(key) !== text));
  return own.length === 0 ? name : `${name} (${joined(own)})`;
};
