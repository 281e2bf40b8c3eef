import { MAX_NESTING } from '../limits.js';
import { type CharacterTest, ignoringCase, propertyTest } from './character-set.js';
import type { PatternReader } from './pattern-reader.js';

/** A class of characters, and how many tests one character takes at most. */
export interface CharacterClass {
  readonly test: CharacterTest;
  readonly parts: number;
}

/** The operand between two `&&`. */
class Operand {
  private readonly points = new Set<number>();
  /** Tests of the class itself; those of classes inside know already whether case counts. */
  private readonly own: CharacterTest[] = [];
  private readonly inner: CharacterTest[] = [];
  parts = 1;

  constructor(private readonly ignoreCase: boolean) {}

  addPoint(codePoint: number): void {
    this.points.add(codePoint);
  }

  add(test: CharacterTest): void {
    this.own.push(test);
    this.parts += this.ignoreCase ? 4 : 1;
  }

  addClass({ test, parts }: CharacterClass): void {
    this.inner.push(test);
    this.parts += parts;
  }

  test(): CharacterTest {
    const { points, own, inner } = this;
    const any: CharacterTest = (c) => points.has(c) || own.some((test) => test(c));
    const folded = this.ignoreCase ? ignoringCase(any) : any;
    return inner.length === 0 ? folded : (c) => folded(c) || inner.some((test) => test(c));
  }
}

/** Reads one part: a class, a named one, a character or a range. */
const readPart = (reader: PatternReader, operand: Operand, ignoreCase: boolean, depth: number): void => {
  const posix = reader.match(/\[:(\^?)(\w+):\]/y);
  if (posix !== undefined) {
    const test = propertyTest(posix[2]!);
    if (test === undefined) reader.fail(`names the class ${JSON.stringify(posix[2])}, which is not known`);
    operand.add(posix[1] === '^' ? (c) => !test(c) : test);
    return;
  }
  if (reader.take('[')) {
    operand.addClass(parseClass(reader, ignoreCase, depth + 1));
    return;
  }
  const named = reader.classEscape(true);
  if (named !== undefined) {
    operand.add(named);
    return;
  }
  const from = reader.match(/\\b/y) === undefined ? reader.character() : 8;
  if (reader.match(/-(?!\])/y) === undefined) {
    operand.addPoint(from);
    return;
  }
  if (reader.at('[') || reader.classEscape(true) !== undefined)
    reader.fail('has a range that ends in a class');
  const to = reader.character();
  if (to < from) reader.fail('has a range from a later character to an earlier one');
  operand.add((c) => c >= from && c <= to);
};

/** A class after its opening bracket: characters, ranges, classes inside, and intersections by `&&`. */
export const parseClass = (reader: PatternReader, ignoreCase: boolean, depth = 0): CharacterClass => {
  if (depth > MAX_NESTING) reader.fail(`nests more than ${MAX_NESTING} classes`);
  const negate = reader.take('^');
  const operands = [new Operand(ignoreCase)];
  for (let first = true; first || !reader.take(']'); first = false) {
    if (reader.done) reader.fail('has an opening bracket without a closing one');
    if (reader.take('&&')) operands.push(new Operand(ignoreCase));
    else readPart(reader, operands.at(-1)!, ignoreCase, depth);
  }
  const tests = operands.map((operand) => operand.test());
  return {
    test: (c) => tests.every((test) => test(c)) !== negate,
    parts: operands.reduce((sum, operand) => sum + operand.parts, 0),
  };
};
