import { MAX_VOCABULARY_SIZE } from '../limits.js';
import type { WordTokens } from './subword-model.js';

/** Words up to this many symbols look for the best merge by scanning, longer ones with a heap. */
const SCANNED_SYMBOLS = 48;
const POSITIONS = 2 ** 27;

/** The symbols of one word, joined pair by pair. */
export class MergeList {
  private ids: number[] = [];
  private starts: number[] = [];
  private ends: number[] = [];

  constructor(readonly expectedLength: number) {}

  add(id: number, start: number, end: number): void {
    this.ids.push(id);
    this.starts.push(start);
    this.ends.push(end);
  }

  tokens(): WordTokens {
    return { ids: this.ids, starts: this.starts, ends: this.ends };
  }

  /** Joins the pair of lowest rank, leftmost first, until no pair has a rank. */
  merge(ranks: ReadonlyMap<number, number>, merged: Int32Array): void {
    if (this.ids.length <= SCANNED_SYMBOLS) this.scan(ranks, merged);
    else this.useHeap(ranks, merged);
  }

  private scan(ranks: ReadonlyMap<number, number>, merged: Int32Array): void {
    const { ids, starts, ends } = this;
    const rankAt = (i: number): number => ranks.get(ids[i]! * MAX_VOCABULARY_SIZE + ids[i + 1]!) ?? -1;
    const pairs: number[] = [];
    for (let i = 0; i + 1 < ids.length; i++) pairs.push(rankAt(i));
    for (;;) {
      let at = -1;
      for (let i = 0; i < pairs.length; i++) if (pairs[i]! >= 0 && (at < 0 || pairs[i]! < pairs[at]!)) at = i;
      if (at < 0) return;
      ids[at] = merged[pairs[at]!]!;
      ends[at] = ends[at + 1]!;
      ids.splice(at + 1, 1);
      starts.splice(at + 1, 1);
      ends.splice(at + 1, 1);
      pairs.splice(at, 1);
      if (at > 0) pairs[at - 1] = rankAt(at - 1);
      if (at < pairs.length) pairs[at] = rankAt(at);
    }
  }

  private useHeap(ranks: ReadonlyMap<number, number>, merged: Int32Array): void {
    const { ids, ends } = this;
    const n = ids.length;
    const next = Int32Array.from({ length: n }, (_, i) => (i + 1 < n ? i + 1 : -1));
    const previous = Int32Array.from({ length: n }, (_, i) => i - 1);
    const dead = new Uint8Array(n);
    const heap: number[] = [];
    const rankAt = (i: number): number => ranks.get(ids[i]! * MAX_VOCABULARY_SIZE + ids[next[i]!]!) ?? -1;
    const offer = (i: number): void => {
      if (i < 0 || next[i]! < 0) return;
      const rank = rankAt(i);
      if (rank >= 0) push(heap, rank * POSITIONS + i);
    };
    for (let i = 0; i < n; i++) offer(i);
    while (heap.length > 0) {
      const top = pop(heap);
      const i = top % POSITIONS;
      const rank = (top - i) / POSITIONS;
      if (dead[i] || next[i]! < 0 || rankAt(i) !== rank) continue;
      const right = next[i]!;
      ids[i] = merged[rank]!;
      ends[i] = ends[right]!;
      dead[right] = 1;
      next[i] = next[right]!;
      if (next[i]! >= 0) previous[next[i]!] = i;
      offer(previous[i]!);
      offer(i);
    }
    const alive = (values: readonly number[]): number[] => values.filter((_, i) => dead[i] === 0);
    [this.ids, this.starts, this.ends] = [alive(ids), alive(this.starts), alive(ends)];
  }
}

const push = (heap: number[], key: number): void => {
  let i = heap.length;
  heap.push(key);
  while (i > 0) {
    const parent = (i - 1) >> 1;
    if (heap[parent]! <= key) break;
    heap[i] = heap[parent]!;
    i = parent;
  }
  heap[i] = key;
};

const pop = (heap: number[]): number => {
  const top = heap[0]!;
  const key = heap.pop()!;
  const n = heap.length;
  if (n === 0) return top;
  let i = 0;
  for (;;) {
    let child = 2 * i + 1;
    if (child >= n) break;
    if (child + 1 < n && heap[child + 1]! < heap[child]!) child++;
    if (heap[child]! >= key) break;
    heap[i] = heap[child]!;
    i = child;
  }
  heap[i] = key;
  return top;
};
