import { expect, test } from 'vitest';
import { runExample } from './run-example.js';

const imports = "import { parseBytes } from '@ntk-lens/core';\n";

test('an example runs, with values that it takes for granted, and what it prints is returned', async () => {
  const code = `${imports}parseBytes(text); // 1024, the bytes\nconsole.log(parseBytes('2KiB'));`;
  expect(await runExample(code, { text: '1KiB' })).toBe('2048\n');
});

test('an error that an example says is expected', async () => {
  await runExample(`${imports}parseBytes('much'); // throws: no amount`);
});

test.each([
  ['a value that it does not have', "parseBytes('1KiB'); // 1000"],
  ['a value in the next line', "parseBytes('1KiB');\n// 1000"],
  ['an array in an object', '({ data: Int8Array.of(1, 2) }); // { data: [1, 3] }'],
  ['an error that it does not have', "parseBytes('1KiB'); // throws"],
  ['an error', "parseBytes('much');"],
  ['a name that nobody has', 'nobody(parseBytes);'],
  ['a name that no package exports', "import { nothing } from '@ntk-lens/core';\nnothing();"],
  ['a package that is not there', "import { nothing } from '@ntk-lens/absent';\nnothing();"],
])('an example with %s fails', async (_, code) => {
  await expect(runExample(imports + code)).rejects.toThrow();
});
