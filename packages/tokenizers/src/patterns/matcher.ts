import type { Work } from '../work.js';
import { isWordOrNumber } from './character-set.js';
import type { Anchor } from './expression.js';
import type { Program, State } from './program.js';

/** Steps that are taken between two reports. */
const STRIDE = 1024;
/** An inner join is remembered in 32 bits at each place, and its memory counts as so many steps. */
const INNER_COST = 8;

/**
 * Matches a program as a backtracking engine does, the first alternative that leads to a match winning, but tries no
 * state twice at one place. There are no references back, so that what a state leads to depends on the place alone:
 * a state that failed once fails always. The time is therefore at most states times length, over all searches in a
 * text.
 */
export class Matcher {
  private text = '';
  private steps = 0;
  /** Alternatives not tried yet: state, place, and length of the trail. */
  private stack = new Int32Array(3 * 256);
  private top = 0;
  /** A bit for each outer join and place, set when tried: it failed, or the search ended. */
  private tried = new Uint32Array(0);
  /** For each inner join and place: 0 not tried, -1 failed, else one more than where its match ends. */
  private ends = new Int32Array(0);
  /** Inner joins on the way to where the matcher is. */
  private readonly trail: number[] = [];

  constructor(
    private readonly program: Program,
    private readonly work: Work,
  ) {}

  /** Calls `visit` with each match from the left; an empty one counts only where no other ends. */
  forEachMatch(text: string, visit: (start: number, end: number) => void): void {
    this.begin(text);
    const { start } = this.program;
    let last = -1;
    for (let at = 0; at <= text.length; ) {
      const end = this.run(start, at, false);
      if (end > at || (end === at && last !== at)) visit(at, end);
      if (end >= at) last = end;
      if (end > at) this.forget(end);
      at = end > at ? end : at + (text.codePointAt(at)! > 0xffff ? 2 : 1);
    }
    this.tell();
  }

  private tell(): void {
    const { steps } = this;
    this.steps = 0;
    this.work.spend(steps);
  }

  /** The next search begins where a match ended, and what was tried there did not all fail. */
  private forget(place: number): void {
    const places = this.text.length + 1;
    for (let key = place; key < this.program.outerJoins * places; key += places)
      this.tried[key >>> 5]! &= ~(1 << (key & 31));
  }

  private begin(text: string): void {
    this.text = text;
    this.top = 0;
    this.trail.length = 0;
    const { outerJoins, innerJoins } = this.program;
    const words = Math.ceil((outerJoins * (text.length + 1)) / 32);
    const inner = innerJoins * (text.length + 1);
    this.work.spend(words + INNER_COST * inner);
    if (this.tried.length < words) this.tried = new Uint32Array(words);
    else this.tried.fill(0, 0, words);
    if (this.ends.length < inner) this.ends = new Int32Array(inner);
    else this.ends.fill(0, 0, inner);
  }

  /** Where the match from `at` on ends, or -1. */
  private run(start: number, at: number, inner: boolean): number {
    const { text, trail } = this;
    const { states, joins } = this.program;
    const places = text.length + 1;
    const base = this.top;
    const trailBase = trail.length;
    let index = start;
    let place = at;
    for (;;) {
      if (++this.steps >= STRIDE) this.tell();
      const state = states[index]!;
      let ok = true;
      const join = joins[index]!;
      if (join >= 0) {
        const key = join * places + place;
        if (inner) {
          const known = this.ends[key]!;
          if (known > 0) return this.succeed(base, trailBase, known - 1);
          ok = known === 0;
          if (ok) trail.push(key);
        } else {
          const bit = 1 << (key & 31);
          ok = (this.tried[key >>> 5]! & bit) === 0;
          this.tried[key >>> 5]! |= bit;
        }
      }
      if (ok)
        if (state.op === 'set') {
          const c = characterAt(text, place);
          ok = c >= 0 && state.set.has(c, this.work);
          if (ok) place += c > 0xffff ? 2 : 1;
        } else if (state.op === 'split') {
          const c = characterAt(text, place);
          if (this.cannot(states[state.next]!, c)) {
            index = state.other;
            continue;
          }
          if (!this.cannot(states[state.other]!, c)) this.push(state.other, place);
        } else if (state.op === 'match') return this.succeed(base, trailBase, place);
        else if (state.op === 'anchor') ok = holds(state.at, text, place);
        else if (state.op === 'atomic') {
          const end = this.run(state.body, place, true);
          ok = end >= 0;
          if (ok) place = end;
        } else {
          const from = back(text, place, state.back);
          ok = (from >= 0 && this.run(state.body, from, true) >= 0) !== state.negate;
        }
      if (ok) {
        index = (state as { readonly next: number }).next;
        continue;
      }
      const spent = this.top === base;
      const kept = spent ? trailBase : this.stack[this.top - 1]!;
      while (trail.length > kept) this.ends[trail.pop()!] = -1;
      if (spent) return -1;
      this.top -= 3;
      index = this.stack[this.top]!;
      place = this.stack[this.top + 1]!;
    }
  }

  /** Whether a state surely fails before a character. */
  private cannot(state: State, character: number): boolean {
    return state.op === 'set' && (character < 0 || !state.set.has(character, this.work));
  }

  private push(index: number, place: number): void {
    if (this.top + 3 > this.stack.length) {
      const longer = new Int32Array(2 * this.stack.length);
      longer.set(this.stack);
      this.stack = longer;
    }
    this.stack[this.top++] = index;
    this.stack[this.top++] = place;
    this.stack[this.top++] = this.trail.length;
  }

  private succeed(base: number, trailBase: number, end: number): number {
    this.top = base;
    while (this.trail.length > trailBase) this.ends[this.trail.pop()!] = end + 1;
    return end;
  }
}

/** The code point at a place, or -1 at the end. */
const characterAt = (text: string, place: number): number => {
  if (place >= text.length) return -1;
  const unit = text.charCodeAt(place);
  return unit >= 0xd800 && unit < 0xdc00 ? text.codePointAt(place)! : unit;
};

/** `characters` before `place`, or -1. */
const back = (text: string, place: number, characters: number): number => {
  let at = place;
  for (let k = 0; k < characters && at >= 0; k++) at -= at > 1 && text.codePointAt(at - 2)! > 0xffff ? 2 : 1;
  return at;
};

const isWordAt = (text: string, place: number): boolean =>
  place >= 0 && place < text.length && isWordOrNumber(text.codePointAt(place)!);

const holds = (anchor: Anchor, text: string, place: number): boolean => {
  const last = place === text.length;
  switch (anchor) {
    case 'text-start':
      return place === 0;
    case 'text-end':
      return last;
    case 'last-line-end':
      return last || (place === text.length - 1 && text[place] === '\n');
    case 'line-start':
      return place === 0 || (!last && text[place - 1] === '\n');
    case 'line-end':
      return last || text[place] === '\n';
    default:
      return (isWordAt(text, back(text, place, 1)) !== isWordAt(text, place)) === (anchor === 'word-edge');
  }
};
