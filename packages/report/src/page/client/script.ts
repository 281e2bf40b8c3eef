import { drawHeatMaps } from './draw-heat-maps.js';
import { foldsAndTips } from './folds-and-tips.js';
import { sortTables } from './sort-tables.js';

/**
 * The scripts of a page, as text. Each is a function that uses nothing outside itself, so that its own text is the
 * script. `__name` is what some compilers wrap functions in.
 */
export const clientScript = (): string =>
  [
    "'use strict';",
    'const __name = (value) => value;',
    ...[sortTables, foldsAndTips, drawHeatMaps].map((script) => `(${script.toString()})();`),
  ]
    .join('\n')
    // No script here has such a text; this keeps it so.
    .replaceAll('</script', '<\\/script');
