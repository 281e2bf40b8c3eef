import { MAX_PATTERN_STATES } from '../limits.js';
import { CharacterSet } from './character-set.js';
import { type Anchor, canBeEmpty, type Expression, widthOf } from './expression.js';
import { PatternSyntaxError } from './pattern-reader.js';

/** One step of a match. `next` and `other` are indices of states, the one to try first being `next`. */
export type State =
  | { readonly op: 'match' }
  | { readonly op: 'set'; readonly set: CharacterSet; readonly next: number }
  | { readonly op: 'split'; next: number; other: number }
  | { readonly op: 'anchor'; readonly at: Anchor; readonly next: number }
  | { readonly op: 'atomic'; readonly body: number; readonly next: number }
  | {
      readonly op: 'look';
      readonly body: number;
      /** Characters to go back first. */
      readonly back: number;
      readonly negate: boolean;
      readonly next: number;
    };

/** A regular expression as a machine of states. */
export interface Program {
  readonly states: readonly State[];
  readonly start: number;
  /**
   * By state: -1, or for one that several ways lead to its number among these, counted apart for states
   * inside of look-arounds and atomic groups and for others. The results from them at a place are remembered.
   */
  readonly joins: Int32Array;
  readonly outerJoins: number;
  readonly innerJoins: number;
}

const MATCH = 0;

class Compiler {
  readonly states: State[] = [{ op: 'match' }];
  readonly inside: boolean[] = [false];
  private depth = 0;

  private emit(state: State): number {
    if (this.states.length >= MAX_PATTERN_STATES)
      throw new PatternSyntaxError(
        `has more than ${MAX_PATTERN_STATES} states when its counts are written out`,
      );
    this.inside.push(this.depth > 0);
    return this.states.push(state) - 1;
  }

  /** States that match `e` and go on at `next`; @returns the first of them */
  compile(e: Expression, next: number): number {
    if (e.type === 'set') return this.emit({ op: 'set', set: new CharacterSet(e.test, e.parts), next });
    if (e.type === 'sequence') return e.items.reduceRight((after, item) => this.compile(item, after), next);
    if (e.type === 'anchor') return this.emit({ op: 'anchor', at: e.at, next });
    if (e.type === 'atomic') return this.emit({ op: 'atomic', body: this.enclosed(e.body), next });
    if (e.type === 'look') return this.look(e, next);
    if (e.type === 'repeat') return this.repeat(e, next);
    const starts = e.branches.map((branch) => this.compile(branch, next));
    return starts.reduceRight((other, first) => this.emit({ op: 'split', next: first, other }));
  }

  private enclosed(body: Expression): number {
    this.depth++;
    const start = this.compile(body, MATCH);
    this.depth--;
    return start;
  }

  private look(e: Expression & { type: 'look' }, next: number): number {
    const { body, behind, negate } = e;
    if (!behind) return this.emit({ op: 'look', body: this.enclosed(body), back: 0, negate, next });
    const each = (body.type === 'choice' ? body.branches : [body]).map((branch): Expression => {
      return { type: 'look', behind, negate, body: branch };
    });
    if (each.length > 1)
      return this.compile(
        negate ? { type: 'sequence', items: each } : { type: 'choice', branches: each },
        next,
      );
    const back = widthOf(body);
    if (back === undefined) throw new PatternSyntaxError('looks behind for a text of no fixed length');
    return this.emit({ op: 'look', body: this.enclosed(body), back, negate, next });
  }

  private repeat({ body, least, most, lazy }: Expression & { type: 'repeat' }, next: number): number {
    const split = (first: number, other: number): number =>
      this.emit({ op: 'split', next: lazy ? other : first, other: lazy ? first : other });
    let start = next;
    let copies = least;
    if (most === Number.POSITIVE_INFINITY) {
      if (canBeEmpty(body)) throw new PatternSyntaxError('repeats without end what can be empty');
      const loop = split(MATCH, next);
      const again = this.compile(body, loop);
      const state = this.states[loop] as State & { op: 'split' };
      if (lazy) state.other = again;
      else state.next = again;
      start = least > 0 ? again : loop;
      copies = Math.max(0, least - 1);
    } else for (let k = least; k < most; k++) start = split(this.compile(body, start), next);
    for (let k = 0; k < copies; k++) {
      const longer = this.compile(body, start);
      if (longer === start) break;
      start = longer;
    }
    return start;
  }
}

const successors = (state: State): readonly number[] => {
  if (state.op === 'match') return [];
  if (state.op === 'split') return [state.next, state.other];
  if (state.op === 'atomic' || state.op === 'look') return [state.next, state.body];
  return [state.next];
};

/** @throws PatternSyntaxError */
export const compileExpression = (e: Expression): Program => {
  const compiler = new Compiler();
  const start = compiler.compile(e, MATCH);
  const { states, inside } = compiler;
  const ways = new Uint32Array(states.length);
  ways[start] = 1;
  for (const state of states) for (const next of successors(state)) ways[next]!++;
  let [outerJoins, innerJoins] = [0, 0];
  const joins = Int32Array.from(states, (state, i) => {
    if (state.op === 'match' || ways[i]! < 2) return -1;
    return inside[i] ? innerJoins++ : outerJoins++;
  });
  return { states, start, joins, outerJoins, innerJoins };
};
