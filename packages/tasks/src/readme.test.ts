import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const AsyncFunction = (async () => {}).constructor as new (
  ...parameters: string[]
) => (load: (name: string) => Promise<unknown>) => Promise<Record<string, unknown>>;

it('the first example of the README runs and says the truth', async () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const example = /```ts\n([\s\S]*?)```/.exec(readme)![1]!;
  const body = example.replace(/import \{([^}]*)\} from '([^']+)';/g, "const {$1} = await load('$2');");
  const run = new AsyncFunction(
    'load',
    `${body}\nreturn { task, first: train[0], majority: majorityBaseline(task, gold).scores, all: evaluate(task, gold, gold) };`,
  );
  const result = await run((name) =>
    name === '@ntk-lens/tasks' ? import('./index.js') : Promise.reject(new Error(name)),
  );
  expect(result).toMatchObject({
    task: {
      template: '*cls**sent_0*_It_was*mask*.*sep+*',
      labelWords: { negative: 'terrible', positive: 'great' },
    },
    first: { label: 'negative' },
    majority: { accuracy: 0.5 },
    all: { accuracy: 1 },
  });
});
