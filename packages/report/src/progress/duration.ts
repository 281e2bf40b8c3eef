/**
 * A duration as people say it: `0.4 s`, `42 s`, `3 min 05 s`, `2 h 10 min`.
 *
 * @example
 * ```ts
 * durationText(185); // '3 min 05 s'
 * ```
 */
export const durationText = (seconds: number): string => {
  if (!Number.isFinite(seconds) || seconds < 0) return '–';
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
};
