import { MAX_NESTING } from '../limits.js';
import { type CharacterTest, ignoringCase, propertyTest } from './character-set.js';
import type { PatternReader } from './pattern-reader.js';

const union = (
  tests: readonly CharacterTest[],
  points: ReadonlySet<number>,
  ignoreCase: boolean,
): CharacterTest => {
  const any: CharacterTest = (c) => points.has(c) || tests.some((test) => test(c));
  return ignoreCase ? ignoringCase(any) : any;
};

/** A class after its opening bracket: characters, ranges, classes inside, and intersections by `&&`. */
export const parseClass = (reader: PatternReader, ignoreCase: boolean, depth = 0): CharacterTest => {
  if (depth > MAX_NESTING) reader.fail(`nests more than ${MAX_NESTING} classes`);
  const negate = reader.take('^');
  const operands: CharacterTest[] = [];
  let tests: CharacterTest[] = [];
  let points = new Set<number>();
  for (let first = true; ; first = false) {
    if (reader.done) reader.fail('has an opening bracket without a closing one');
    if (!first && reader.take(']')) break;
    if (reader.take('&&')) {
      operands.push(union(tests, points, ignoreCase));
      tests = [];
      points = new Set();
      continue;
    }
    const posix = reader.match(/\[:(\^?)(\w+):\]/y);
    if (posix !== undefined) {
      const test = propertyTest(posix[2]!);
      if (test === undefined) reader.fail(`names the class ${JSON.stringify(posix[2])}, which is not known`);
      tests.push(posix[1] === '^' ? (c) => !test(c) : test);
      continue;
    }
    if (reader.take('[')) {
      tests.push(parseClass(reader, ignoreCase, depth + 1));
      continue;
    }
    const named = reader.classEscape(true);
    if (named !== undefined) {
      tests.push(named);
      continue;
    }
    if (reader.match(/\\b/y) !== undefined) {
      points.add(8);
      continue;
    }
    const from = reader.character();
    if (reader.match(/-(?!\])/y) === undefined) {
      points.add(from);
      continue;
    }
    if (reader.at('[') || reader.classEscape(true) !== undefined)
      reader.fail('has a range that ends in a class');
    const to = reader.character();
    if (to < from) reader.fail('has a range from a later character to an earlier one');
    tests.push((c) => c >= from && c <= to);
  }
  operands.push(union(tests, points, ignoreCase));
  return (c) => operands.every((test) => test(c)) !== negate;
};
