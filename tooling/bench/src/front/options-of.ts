import { type BenchName, benches } from './benches.js';
import type { ValuesOf } from './option.js';
import { parseOptions } from './parse-options.js';

/** The options that this process was given for a bench, which the front has checked. */
export const optionsOf = <N extends BenchName>(name: N): ValuesOf<(typeof benches)[N]['options']> =>
  parseOptions(name, benches[name].options, process.argv.slice(3)) as ValuesOf<
    (typeof benches)[N]['options']
  >;
