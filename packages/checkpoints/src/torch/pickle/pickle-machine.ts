import { weightCaps } from '../../caps.js';
import { WeightFileLimitError } from '../../errors.js';
import type { PickleCursor } from './pickle-cursor.js';
import { PickleFormatError, PickleRefusedError } from './pickle-errors.js';
import { keyOf, type PicklePlace } from './pickle-globals.js';
import { GlobalRef, type PickleValue, PyDict, PyList, TensorRef } from './pickle-values.js';

/** Stack, marks and memo of a pickle that is being read, all capped. */
export class PickleMachine {
  private readonly stack: PickleValue[] = [];
  private readonly marks: number[] = [];
  private readonly memo = new Map<number, PickleValue>();
  private spent = 0;

  constructor(private readonly cursor: PickleCursor) {}

  /** Charges one instruction, or the items it copies, to the budget. */
  spend(items = 1): void {
    this.spent += items;
    if (this.spent > weightCaps.maxPickleObjects) this.exceed('maxPickleObjects', this.spent);
  }

  pop(): PickleValue {
    const value = this.stack.length > (this.marks.at(-1) ?? 0) ? this.stack.pop() : undefined;
    return value === undefined ? this.fail('an empty stack', 'a value') : value;
  }

  /** Attributes of a state dict (`_metadata`) are of no use here and are dropped. */
  build(): void {
    this.pop();
    const target = this.top();
    if (!(target instanceof PyDict) && !(target instanceof TensorRef)) {
      const name = target instanceof GlobalRef ? `"${target.name}"` : 'a plain value';
      throw new PickleRefusedError(this.cursor.file, `setting attributes of ${name} (BUILD)`);
    }
  }

  push(value: PickleValue): void {
    if (this.stack.length >= weightCaps.maxPickleStack) this.exceed('maxPickleStack', this.stack.length + 1);
    this.stack.push(value);
  }

  top(): PickleValue {
    const value = this.pop();
    this.stack.push(value);
    return value;
  }

  mark(): void {
    if (this.marks.length >= weightCaps.maxPickleDepth) this.exceed('maxPickleDepth', this.marks.length + 1);
    this.marks.push(this.stack.length);
  }

  popMark(): PickleValue[] {
    const from = this.marks.pop();
    return from === undefined ? this.fail('no mark', 'a mark') : this.stack.splice(from);
  }

  popMany(count: number): PickleValue[] {
    if (this.stack.length - count < (this.marks.at(-1) ?? 0)) this.fail('an empty stack', `${count} values`);
    return this.stack.splice(this.stack.length - count);
  }

  /** Gives `use` the container on top of the stack, which stays there. */
  under(items: readonly PickleValue[], use: (top: PickleValue, items: readonly PickleValue[]) => void): void {
    use(this.top(), items);
  }

  append(list: PickleValue, items: readonly PickleValue[]): PyList {
    if (!(list instanceof PyList)) return this.fail('an append to no list', 'a list');
    for (const item of items) list.items.push(item);
    return list;
  }

  set(dict: PickleValue, pairs: readonly PickleValue[]): PyDict {
    if (!(dict instanceof PyDict) || pairs.length % 2 !== 0)
      return this.fail('a malformed item', 'a dictionary');
    for (let i = 0; i < pairs.length; i += 2) dict.entries.set(keyOf(pairs[i]!, this.place()), pairs[i + 1]!);
    return dict;
  }

  remember(index = this.memo.size): void {
    if (this.memo.size >= weightCaps.maxPickleMemo) this.exceed('maxPickleMemo', this.memo.size + 1);
    this.memo.set(index, this.top());
  }

  recall(index: number): void {
    const value = this.memo.get(index);
    this.push(value === undefined ? this.fail(`memo entry ${index}`, 'one that was stored') : value);
  }

  place(): PicklePlace {
    return {
      file: this.cursor.file,
      position: this.cursor.position,
      spend: (items) => this.spend(items),
    };
  }

  private exceed(cap: keyof typeof weightCaps, found: number): never {
    throw new WeightFileLimitError(this.cursor.file, cap, found, weightCaps[cap]);
  }

  fail(found: string, expected: string): never {
    throw new PickleFormatError(this.cursor.file, this.cursor.position, found, expected);
  }
}
