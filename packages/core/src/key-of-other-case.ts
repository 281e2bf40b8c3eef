/**
 * Finds a key that differs from a wanted one only by case, where the wanted one is absent. A reader that ignores unknown
 * keys would take its default in silence.
 *
 * @example
 * ```ts
 * keyOfOtherCase({ Hidden_act: 'relu' }, 'hidden_act'); // 'Hidden_act'
 * ```
 */
export const keyOfOtherCase = (values: object, wanted: string): string | undefined => {
  if (Object.hasOwn(values, wanted)) return undefined;
  const lower = wanted.toLowerCase();
  return Object.keys(values).find((key) => key.toLowerCase() === lower);
};
