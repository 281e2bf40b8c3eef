import { didYouMean, NtkLensError } from '@ntk-lens/core';

/** A name that no bench has. */
export class UnknownBenchError extends NtkLensError {
  static readonly code = 'UNKNOWN_BENCH';
  constructor(name: string, known: readonly string[]) {
    const hint = didYouMean(name, known);
    super(
      UnknownBenchError.code,
      'input',
      `"${name}" is no bench.${hint} "pnpm bench" lists those that there are.`,
    );
  }
}

/** An option that a bench does not take, an argument without an option, or a value that is missing or needless. */
export class BenchUsageError extends NtkLensError {
  static readonly code = 'BENCH_USAGE';
  constructor(bench: string, problem: string) {
    super(
      BenchUsageError.code,
      'input',
      `"${bench}" ${problem} "pnpm bench ${bench} --help" lists its options.`,
    );
  }
}

/** A Python that cannot be started, or lacks packages that a peer needs. */
export class PeerPackagesError extends NtkLensError {
  static readonly code = 'PEER_PACKAGES';
  constructor(python: string, problem: string) {
    super(
      PeerPackagesError.code,
      'input',
      `--python ${python}: ${problem} Install them with "${python} -m pip install -r tooling/bench/requirements.txt", or name a Python that has them.`,
    );
  }
}

/** A process of ours or of a peer that did not end well; its own words are on the terminal. */
export class MeasurementFailedError extends NtkLensError {
  static readonly code = 'MEASUREMENT_FAILED';
  constructor(command: string, end: string) {
    super(
      MeasurementFailedError.code,
      'failure',
      `${command} ended with ${end}. Its own message stands above.`,
    );
  }
}
