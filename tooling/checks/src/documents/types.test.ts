import { expect, test } from 'vitest';
import { nameOf } from './code-blocks.js';
import { blocksIn } from './documents.js';
import { typeErrors } from './type-errors.js';

const examples = blocksIn('ts').flatMap((block, i) => {
  const text = `${block.before}${block.code}\nexport {};\n`;
  // The page that shows a file of the sources imports nothing.
  return text.includes('import ') ? [{ block, text, file: `example-${i}.ts` }] : [];
});

test('the examples of all documents have no error of types', () => {
  const errors = typeErrors(new Map(examples.map(({ file, text }) => [file, text])));
  const said = examples.flatMap(({ block, file }) =>
    (errors.get(file) ?? []).map((error) => `${nameOf(block)}: ${error}`),
  );
  expect(said).toEqual([]);
  expect(examples.length).toBeGreaterThan(20);
});

test('errors of types and of syntax are found', () => {
  const texts = {
    'fine.ts': `import { ndarray } from '@ntk-lens/core';\nndarray(new Float64Array(1), [1]).shape;\n`,
    'typed.ts': `import { ndarray } from '@ntk-lens/core';\nexport const shape: string = ndarray([1], [1]).shape;\n`,
    'named.ts': `import { nothing } from '@ntk-lens/core';\nnothing();\n`,
    'sketch.ts': 'export const f = () => …;\n',
  };
  const errors = typeErrors(new Map(Object.entries(texts)));
  expect([...errors.keys()].sort()).toEqual(['named.ts', 'sketch.ts', 'typed.ts']);
});
