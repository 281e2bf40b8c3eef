// @ts-check
// Memory of released tensors, kept for the next ones. Outputs are written straight into it, which saves ONNX Runtime's
// copy and the page faults of fresh memory.

/**
 * Bytes from which a buffer has pages of its own. A resizable buffer has: it can be given back at once, instead of when
 * garbage is collected, leaves no hole in the heap that smaller ones share, and serves for another size with the pages that
 * it has.
 */
const OWN_PAGES = 2 ** 20;

/** A buffer can grow to so many times the size that it was made with; room that is not used takes no memory. */
const ROOM = 2;

/** Smaller ones are not filled with zeros first. @param {number} bytes @returns {ArrayBuffer} */
const newBuffer = (bytes) =>
  bytes >= OWN_PAGES
    ? // @ts-expect-error: known to Node 20, not yet to the library of ES2022.
      new ArrayBuffer(bytes, { maxByteLength: ROOM * bytes })
    : /** @type {ArrayBuffer} */ (Buffer.allocUnsafeSlow(bytes).buffer);

/** @param {ArrayBuffer | undefined} buffer @returns {boolean | undefined} */
// @ts-expect-error: as above.
const isResizable = (buffer) => buffer?.resizable;

/** Pages that are no longer part of it are free at once. @param {ArrayBuffer} buffer @param {number} bytes */
// @ts-expect-error: as above.
const resize = (buffer, bytes) => buffer.resize(bytes);

/** @param {ArrayBuffer} buffer @returns {number} */
// @ts-expect-error: as above.
const mostOf = (buffer) => buffer.maxByteLength;

/** Part of a buffer that may be left unused, and bytes of all of them together. */
const WASTE = 1 / 4;
const MOST_WASTE = 64 * 2 ** 20;

/** The part of a smaller buffer by which one may shrink: with more, it takes less time to fill new pages. */
const SHRINK = 1 / 2;

/** What may wait whatever the peak was, also once nothing is in use. */
const LEAST_BYTES = 256 * 2 ** 20;

/**
 * Buffers by size. Those that wait and those in use are together never more than those in use have been at once, or
 * `least` bytes: keeping them does not raise a peak that matters. The one that was given back last is taken first, and the
 * one that has waited longest makes room: work that repeats keeps the buffers that it needs, and loses those that it does
 * not. A runtime that has ended its work does not sit on the peak of it.
 */
export class BufferPool {
  /** Those in use, and the bytes that were asked for. @type {Map<ArrayBufferLike, number>} */
  #used = new Map();
  /** Those that wait, longest first. @type {Set<ArrayBuffer>} */
  #waiting = new Set();
  /** The same by size. @type {Map<number, ArrayBuffer[]>} */
  #bySize = new Map();
  #least;
  #usedBytes = 0;
  #wastedBytes = 0;
  #waitingBytes = 0;
  #peakBytes;

  constructor(least = LEAST_BYTES) {
    this.#least = least;
    this.#peakBytes = least;
  }

  /** A buffer of arbitrary content, of so many bytes or a little more. @param {number} bytes @returns {ArrayBuffer} */
  take(bytes) {
    const fitting = this.#bySize.get(this.#fitting(bytes))?.pop();
    if (fitting) this.#forget(fitting);
    const other = fitting ? undefined : this.#resizable(bytes);
    const size = fitting?.byteLength ?? bytes;
    this.#usedBytes += size;
    this.#wastedBytes += size - bytes;
    this.#peakBytes = Math.max(this.#peakBytes, this.#usedBytes);
    this.#trim();
    if (other) resize(other, bytes);
    const buffer = fitting ?? other ?? newBuffer(bytes);
    this.#used.set(buffer, bytes);
    return buffer;
  }

  /** Size of the smallest waiting buffer that is no waste to use; one that is larger does not raise the peak. @param {number} bytes */
  #fitting(bytes) {
    if (this.#bySize.has(bytes) || bytes < OWN_PAGES) return bytes;
    const waste = Math.min(bytes * WASTE, MOST_WASTE - this.#wastedBytes);
    const most = Math.min(bytes + waste, this.#peakBytes - this.#usedBytes);
    let best = Number.POSITIVE_INFINITY;
    for (const size of this.#bySize.keys()) if (size > bytes && size <= most) best = Math.min(best, size);
    return best;
  }

  /** Takes out the waiting buffer from which resizing to so many bytes changes fewest pages. @param {number} bytes */
  #resizable(bytes) {
    if (bytes < OWN_PAGES) return undefined;
    /** @type {ArrayBuffer | undefined} */
    let best;
    let least = Number.POSITIVE_INFINITY;
    for (const [size, same] of this.#bySize) {
      const buffer = /** @type {ArrayBuffer} */ (same.at(-1));
      const change = Math.abs(size - bytes);
      if (change >= least || size - bytes > SHRINK * bytes) continue;
      if (!isResizable(buffer) || mostOf(buffer) < bytes) continue;
      best = buffer;
      least = change;
    }
    if (!best) return undefined;
    this.#bySize.get(best.byteLength)?.pop();
    this.#forget(best);
    return best;
  }

  /** Takes a buffer back; one that did not come from here is left alone. @param {ArrayBufferLike} buffer @returns {boolean} whether it came from here */
  giveBack(buffer) {
    const asked = this.#used.get(buffer);
    if (asked === undefined) return false;
    this.#used.delete(buffer);
    const [own, bytes] = [/** @type {ArrayBuffer} */ (buffer), buffer.byteLength];
    this.#wastedBytes -= bytes - asked;
    const same = this.#bySize.get(bytes);
    if (same) same.push(own);
    else this.#bySize.set(bytes, [own]);
    this.#waiting.add(own);
    this.#usedBytes -= bytes;
    this.#waitingBytes += bytes;
    if (this.#usedBytes > 0) return true;
    this.#peakBytes = this.#least;
    this.#trim();
    return true;
  }

  /** Frees waiting buffers until all are no more than the peak. */
  #trim() {
    for (const oldest of this.#waiting) {
      if (this.#usedBytes + this.#waitingBytes <= this.#peakBytes) break;
      // Of its size it has waited longest too.
      this.#bySize.get(oldest.byteLength)?.shift();
      this.#forget(oldest);
      if (isResizable(oldest)) resize(oldest, 0);
    }
  }

  /** @param {ArrayBuffer} buffer that is no longer in its list */
  #forget(buffer) {
    const bytes = buffer.byteLength;
    this.#waiting.delete(buffer);
    this.#waitingBytes -= bytes;
    if (this.#bySize.get(bytes)?.length === 0) this.#bySize.delete(bytes);
  }
}
