import type { OnProgress, ProgressEvent } from '@ntk-lens/core';
import pc from 'picocolors';
import stringWidth from 'string-width';
import { oneLine } from '../table/plain-text.js';
import { durationText } from './duration.js';

/** The stream of progress; `process.stderr` is one. */
export interface ProgressStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

export interface ProgressOptions {
  readonly stream: ProgressStream;
  /**
   * `bar`: one line that is redrawn, for a terminal; a finished phase leaves a line if it took a second or
   * more. `lines`: a plain line at the start and end of a phase and at most every 10 s between, for a log.
   * `json`: one JSON object a line, for a program. `silent` writes nothing. Default: `bar` when the stream is
   * a terminal, else `lines`.
   */
  readonly mode?: 'bar' | 'lines' | 'json' | 'silent';
  readonly color?: boolean;
  /** Milliseconds of a clock that never goes back; default `performance.now`. Tests set it. */
  readonly now?: () => number;
}

export interface ProgressRenderer {
  readonly onProgress: OnProgress;
  /** Prints a line without tearing the bar. */
  log(message: string): void;
  /** Ends the running phase; with `failed` it is left as it stands instead of being shown as done. */
  finish(failed?: boolean): void;
}

interface Phase {
  readonly name: string;
  readonly start: number;
  readonly first: number;
  latest: ProgressEvent;
  shown: number;
}

/** Seconds from which on a finished phase stays on the screen of a terminal. */
const WORTH_A_LINE = 1;

const interval = { bar: 80, lines: 10_000, json: 200, silent: Number.POSITIVE_INFINITY } as const;

/**
 * Shows {@link ProgressEvent}s: a bar with rate and remaining time, log lines, or JSON lines.
 *
 * @example
 * ```ts
 * const progress = createProgressRenderer({ stream: process.stderr });
 * await computeKernels({ ...request, formula: 'sgd', onProgress: progress.onProgress });
 * progress.finish();
 * ```
 */
export const createProgressRenderer = (options: ProgressOptions): ProgressRenderer => {
  const { stream, now = () => performance.now() } = options;
  const mode = options.mode ?? (stream.isTTY ? 'bar' : 'lines');
  const colors = pc.createColors(options.color ?? false);
  let phase: Phase | undefined;

  const bar = (text: string, end: boolean): void => {
    stream.write(`\r${text}\u001b[K${end ? '\n' : ''}`);
  };
  const show = (current: Phase, end: boolean, failed = false): void => {
    const { latest } = current;
    const seconds = (now() - current.start) / 1000;
    const rate = seconds > 0 ? (latest.done - current.first) / seconds : 0;
    const left = latest.total !== undefined && rate > 0 ? (latest.total - latest.done) / rate : undefined;
    if (mode === 'json') {
      const event = {
        ...{ type: 'progress', ...latest, seconds: Number(seconds.toFixed(3)) },
        etaSeconds: left === undefined || end ? undefined : Number(left.toFixed(1)),
        ended: end ? !failed : undefined,
      };
      stream.write(`${JSON.stringify(event)}\n`);
    } else if (mode === 'lines') {
      stream.write(`${describe(latest, seconds, rate, left, end, failed)}\n`);
    } else if (mode === 'bar' && end && !failed && seconds < WORTH_A_LINE) bar('', false);
    else if (mode === 'bar') {
      const width = (stream.columns ?? 80) - 1;
      bar(fit(describe(latest, seconds, rate, left, end, failed, colors), width), end);
    }
    current.shown = now();
  };

  const finish = (failed = false): void => {
    if (phase === undefined) return;
    show(phase, true, failed);
    phase = undefined;
  };
  const onProgress = (event: ProgressEvent): void => {
    if (mode === 'silent') return;
    if (phase !== undefined && phase.name !== event.phase) finish();
    if (phase === undefined) {
      phase = {
        name: event.phase,
        start: now(),
        first: event.done,
        latest: event,
        shown: Number.NEGATIVE_INFINITY,
      };
    }
    phase.latest = event;
    if (now() - phase.shown >= interval[mode]) show(phase, false);
  };
  const log = (message: string): void => {
    if (mode === 'silent') return;
    if (mode === 'json') stream.write(`${JSON.stringify({ type: 'log', message })}\n`);
    else if (mode === 'bar' && phase !== undefined) {
      bar(message, true);
      show(phase, false);
    } else stream.write(`${message}\n`);
  };
  return { onProgress, log, finish };
};

const barWidth = 24;
const plain = pc.createColors(false);

const describe = (
  event: ProgressEvent,
  seconds: number,
  rate: number,
  left: number | undefined,
  end: boolean,
  failed: boolean,
  colors?: ReturnType<typeof pc.createColors>,
): string => {
  const { dim, green, cyan, yellow } = colors ?? plain;
  const unit = event.unit === undefined ? '' : ` ${oneLine(event.unit)}`;
  const parts = [oneLine(event.phase)];
  if (event.total !== undefined && event.total > 0) {
    const part = Math.min(1, event.done / event.total);
    if (colors !== undefined && !end) {
      const full = Math.floor(part * barWidth);
      parts.push(`${cyan('━'.repeat(full))}${dim('─'.repeat(barWidth - full))}`);
    }
    if (!end || failed) parts.push(`${Math.floor(part * 100)}%`);
    parts.push(`${event.done}/${event.total}${unit}`);
  } else if (event.done > 0) parts.push(`${event.done}${unit}`);
  if (rate > 0 && event.unit !== undefined) parts.push(dim(`${rateText(rate)}${unit}/s`));
  if (!end && left !== undefined) parts.push(dim(`${durationText(left)} left`));
  if (end) parts.push(durationText(seconds));
  if (event.detail !== undefined && !end) parts.push(dim(oneLine(event.detail)));
  const mark = end ? (failed ? yellow('■ ') : green('✓ ')) : '  ';
  return `${mark}${parts.join('  ')}`;
};

const rateText = (rate: number): string => (rate >= 100 ? rate.toFixed(0) : rate.toPrecision(2));

// The only control characters left in a line are the escapes of its colours.
const pieces = /\p{Cc}\[[0-9;]*m|./gu;

/** Cuts to a display width, colours uncounted: a bar that wraps could not be redrawn in place. */
const fit = (text: string, width: number): string => {
  let out = '';
  let used = 0;
  for (const [piece] of text.matchAll(pieces)) {
    const wide = piece.startsWith('\u001b') ? 0 : stringWidth(piece);
    if (used + wide > width) continue;
    used += wide;
    out += piece;
  }
  return out;
};
