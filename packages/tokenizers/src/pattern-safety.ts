/** A repetition to this count or beyond is taken for one without an end. */
const MANY = 16;

interface Element {
  /** Repetitions without an end, its own and those inside. */
  repetitions: number;
  /** Can match nothing, and so cannot fail. */
  optional: boolean;
  group: boolean;
}

interface Level {
  readonly branches: Element[][];
  chooses: boolean;
}

const quantifierAt = (
  source: string,
  i: number,
): { length: number; many: boolean; repeats: boolean; optional: boolean } | undefined => {
  const match = /^(?:([*+?])|\{(\d*)(,?)(\d*)\})/.exec(source.slice(i, i + 32));
  if (match === null || match[0] === '{}' || match[0] === '{,}') return undefined;
  const rest = source[i + match[0].length];
  const length = match[0].length + (rest === '?' || rest === '+' ? 1 : 0);
  if (match[1] !== undefined)
    return { length, many: match[1] !== '?', repeats: match[1] !== '?', optional: match[1] !== '+' };
  const least = Number(match[2] || 0);
  const most = match[3] === '' ? least : match[4] === '' ? Number.POSITIVE_INFINITY : Number(match[4]);
  return { length, many: most >= MANY, repeats: most > 1, optional: least === 0 };
};

const total = (elements: readonly Element[]): number =>
  elements.reduce((sum, element) => sum + element.repetitions, 0);

/**
 * Repetitions that may be tried again because something after them fails; two of them make cubic time. Optional
 * ends cannot fail, and so the element before them is not tried again either.
 */
const retried = (branch: readonly Element[]): number => {
  let end = branch.length;
  while (end > 0 && branch[end - 1]!.optional && !branch[end - 1]!.group) end--;
  const last = branch[end - 1];
  const spared = last !== undefined && !last.group && last.repetitions === 1 ? 1 : 0;
  return total(branch.slice(0, end)) - spared;
};

/**
 * Says why a regular expression could take more than quadratic time, or nothing. Refused are groups that are
 * repeated and repeat or choose inside, as in `(a+)+` and `(a|a)*`, and more than one repetition that can be
 * retried, as in `a*a*b`.
 */
export const whyUnsafe = (source: string): string | undefined => {
  const levels: Level[] = [{ branches: [[]], chooses: false }];
  const nested = 'repeats a group that repeats or chooses inside';
  for (let i = 0; i < source.length; ) {
    const level = levels.at(-1)!;
    const branch = level.branches.at(-1)!;
    const c = source[i]!;
    let element: Element | undefined;
    let inner: Level | undefined;
    if (c === '(') {
      levels.push({ branches: [[]], chooses: false });
      i++;
      continue;
    }
    if (c === '|') {
      level.branches.push([]);
      level.chooses = true;
      i++;
      continue;
    }
    if (c === ')') {
      if (levels.length === 1) return undefined;
      inner = levels.pop()!;
      const repetitions = inner.branches.reduce((sum, b) => sum + total(b), 0);
      element = { repetitions, optional: false, group: true };
      levels.at(-1)!.branches.at(-1)!.push(element);
      i++;
    } else {
      element = { repetitions: 0, optional: false, group: false };
      branch.push(element);
      i = endOfAtom(source, i);
    }
    const quantifier = quantifierAt(source, i);
    if (quantifier === undefined) continue;
    if (inner !== undefined && quantifier.repeats && (element.repetitions > 0 || inner.chooses))
      return nested;
    if (quantifier.many) element.repetitions++;
    element.optional = quantifier.optional;
    i += quantifier.length;
    // A second quantifier repeats the first.
    if (quantifierAt(source, i)?.repeats) return nested;
  }
  const worst = Math.max(...levels[0]!.branches.map(retried));
  return worst > 1 ? 'has several repetitions that can be retried' : undefined;
};

const endOfAtom = (source: string, start: number): number => {
  if (source[start] === '\\') {
    const braced = /^\\[pPxu]\{[^}]*\}/.exec(source.slice(start, start + 64));
    return start + (braced?.[0].length ?? 2);
  }
  if (source[start] !== '[') return start + 1;
  let depth = 0;
  for (let i = start; i < source.length; i++) {
    if (source[i] === '\\') i++;
    else if (source[i] === '[') depth++;
    else if (source[i] === ']' && i > start + 1 && --depth === 0) return i + 1;
  }
  return source.length;
};
