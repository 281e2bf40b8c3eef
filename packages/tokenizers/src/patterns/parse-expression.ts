import { MAX_NESTING } from '../limits.js';
import { type CharacterTest, ignoringCase } from './character-set.js';
import type { Anchor, Expression } from './expression.js';
import { parseClass } from './parse-class.js';
import { PatternReader } from './pattern-reader.js';

const EMPTY: Expression = { type: 'sequence', items: [] };
const ANCHORS: Readonly<Record<string, Anchor>> = {
  A: 'text-start',
  b: 'word-edge',
  B: 'word-inside',
  z: 'text-end',
  Z: 'last-line-end',
};

interface Options {
  readonly ignoreCase: boolean;
  /** The full stop takes line feeds, too. */
  readonly dotAll: boolean;
}

/** Reads Oniguruma's syntax; see {@link parseExpression}. */
class Parser {
  constructor(private readonly reader: PatternReader) {}

  /** Branches up to a closing parenthesis or the end. */
  choice(given: Options, depth: number): Expression {
    if (depth > MAX_NESTING) this.reader.fail(`nests more than ${MAX_NESTING} groups`);
    let options = given;
    const branches: Expression[] = [];
    let items: Expression[] = [];
    const { reader } = this;
    while (!reader.done && !reader.at(')')) {
      if (reader.take('|')) {
        branches.push({ type: 'sequence', items });
        items = [];
        continue;
      }
      const inline = reader.match(/\(\?([im]*)(?:-([im]+))?\)/y);
      if (inline !== undefined) {
        // The options hold for all that follows in the group, its other branches included.
        options = changed(options, inline);
        items.push(this.choice(options, depth + 1));
        break;
      }
      if (reader.match(/\(\?#[^)]*\)/y) !== undefined) continue;
      items.push(this.quantified(this.atom(options, depth)));
    }
    branches.push({ type: 'sequence', items });
    return branches.length === 1 ? branches[0]! : { type: 'choice', branches };
  }

  private quantified(atom: Expression): Expression {
    let body = atom;
    for (;;) {
      const { reader } = this;
      const sign = reader.match(/[*+?]/y)?.[0];
      const counts = sign === undefined ? reader.match(/\{(\d*)(,?)(\d*)\}/y, isCounted) : undefined;
      if (sign === undefined && counts === undefined) return body;
      const least = sign === undefined ? Number(counts![1]) : Number(sign === '+');
      let most = sign === '?' ? 1 : Number.POSITIVE_INFINITY;
      if (counts?.[2] === '') most = least;
      else if (counts !== undefined && counts[3] !== '') most = Number(counts[3]);
      if (most < least) reader.fail('counts from more to fewer');
      // After counts only ? is a suffix, and not after an exact count: {2}? makes the two optional.
      const suffix = reader.match(sign === undefined ? (counts![2] === '' ? /(?!)/y : /\?/y) : /[?+]/y)?.[0];
      body = { type: 'repeat', body, least, most, lazy: suffix === '?' };
      if (suffix === '+') body = { type: 'atomic', body };
    }
  }

  private atom(options: Options, depth: number): Expression {
    const { reader } = this;
    const set = (test: CharacterTest): Expression => ({ type: 'set', test });
    if (reader.take('(')) return this.group(options, depth);
    if (reader.take('[')) return { type: 'set', ...parseClass(reader, options.ignoreCase) };
    if (reader.take('.')) return set(options.dotAll ? () => true : (c) => c !== 10);
    if (reader.take('^')) return { type: 'anchor', at: 'line-start' };
    if (reader.take('$')) return { type: 'anchor', at: 'line-end' };
    if (/[*+?]/.test(reader.peek)) reader.fail('repeats nothing');
    const anchor = reader.match(/\\([AbBzZ])/y)?.[1];
    if (anchor !== undefined) return { type: 'anchor', at: ANCHORS[anchor]! };
    if (reader.match(/\\R/y) !== undefined)
      return parseExpression('(?>\\r\\n|[\\n-\\r\\x{85}\\x{2028}\\x{2029}])');
    if (reader.match(/\\[1-9kg]/y) !== undefined)
      reader.fail('refers back to a group, which cannot be matched in linear time');
    const test = reader.classEscape(false);
    if (test !== undefined) return set(test);
    const literal = reader.character();
    const same: CharacterTest = (c) => c === literal;
    return set(options.ignoreCase ? ignoringCase(same) : same);
  }

  private group(options: Options, depth: number): Expression {
    const { reader } = this;
    const body = (inner: Options = options): Expression => {
      const expression = this.choice(inner, depth + 1);
      if (!reader.take(')')) reader.fail('has an opening parenthesis without a closing one');
      return expression;
    };
    const look = reader.match(/\?(<?)([=!])/y);
    if (look !== undefined)
      return { type: 'look', behind: look[1] === '<', negate: look[2] === '!', body: body() };
    if (reader.match(/\?>/y) !== undefined) return { type: 'atomic', body: body() };
    const scoped = reader.match(/\?([im]*)(?:-([im]+))?:/y);
    if (scoped !== undefined) return body(changed(options, scoped));
    if (reader.match(/\?(?:<\w+>|'\w+')/y) === undefined && reader.at('?'))
      reader.fail('has a kind of group that is not known');
    return body();
  }
}

const isCounted = ([, least, , most]: RegExpExecArray): boolean => least !== '' || most !== '';

const changed = (options: Options, [, on = '', off = '']: RegExpExecArray): Options => {
  const value = (letter: string, before: boolean): boolean =>
    !off.includes(letter) && (before || on.includes(letter));
  return { ignoreCase: value('i', options.ignoreCase), dotAll: value('m', options.dotAll) };
};

/**
 * Reads a regular expression in Oniguruma's syntax (Ruby's: `^` and `$` are ends of lines, `(?m)` lets the full stop
 * take line feeds). Groups are not captured; references back to them are refused.
 *
 * @throws PatternSyntaxError
 */
export const parseExpression = (source: string): Expression => {
  const reader = new PatternReader(source);
  const expression = new Parser(reader).choice({ ignoreCase: false, dotAll: false }, 0);
  if (!reader.done) reader.fail('has a closing parenthesis without an opening one');
  return source === '' ? EMPTY : expression;
};
