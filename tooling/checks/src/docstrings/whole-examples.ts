import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../root.js';
import { type DocstringExample, docstringExamples } from './docstring-examples.js';
import { exportedNames } from './exported-names.js';
import { freeNames } from './free-names.js';
import { type ReadersValues, readersPlaces } from './readers-values.js';

/** An example of a docstring with what it leaves to its reader. */
export interface WholeExample extends DocstringExample {
  /** Imports of what packages, Node and the example's own file export. */
  readonly imports: string;
  /** Values that a reader has, by name: the place of each in `readersValues`. */
  readonly given: Readonly<Record<string, keyof ReadersValues>>;
}

/** Functions of Node that readers know. */
const ofNode: Readonly<Record<string, string>> = {
  readFile: 'node:fs/promises',
  writeFile: 'node:fs/promises',
  open: 'node:fs/promises',
  join: 'node:path',
};

const exported = exportedNames();

/** The examples of all docstrings. Names that nobody has are left as they are; a compiler will find them. */
export const wholeExamples = (): readonly WholeExample[] =>
  docstringExamples().map((example) => {
    const { folder, file, code } = example;
    const own = readFileSync(join(root, file), 'utf8');
    const imports: string[] = [];
    const given: Record<string, keyof ReadersValues> = {};
    for (const name of freeNames(code)) {
      const entryOf = (isOwn: boolean) =>
        exported.find((entry) => (entry.folder === folder) === isOwn && entry.names.has(name))?.entry;
      const place = readersPlaces(folder).find((values) => values.names.includes(name))?.place;
      const from = entryOf(true) ?? (place ? undefined : (ofNode[name] ?? entryOf(false)));
      if (from) imports.push(`import { ${name} } from '${from}';`);
      else if (place) given[name] = place;
      else if (
        new RegExp(`^export (abstract )?(const|function|class|interface|type) ${name}\\b`, 'm').test(own)
      )
        imports.push(`import { ${name} } from '${join(root, file)}';`);
    }
    return { ...example, imports: imports.join('\n'), given };
  });

/** Text of an example that a compiler takes, in which values that a reader has are declared. */
export const declared = ({ imports, given, code }: WholeExample): string => {
  const values = Object.entries(given).map(
    ([name, place]) => `declare const ${name}: ReadersValues['${place}']['${name}'];\n`,
  );
  const types =
    values.length > 0 ? `import type { ReadersValues } from '../docstrings/readers-values.js';\n` : '';
  return `${imports}\n${types}${values.join('')}${code}\nexport {};\n`;
};
