import { NtkLensError } from '@ntk-lens/core';
import { loadModel } from '@ntk-lens/models';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NoTargetsError, RankTooLargeError, SpaceSpecError, UnknownSpaceError } from './errors.js';
import { parseSpace, spaceSyntaxes } from './node/parse-space.js';
import { AdapterConfigError } from './peft/errors.js';
import { spaceNames } from './space-names.js';
import { adapterCase, tinyModel } from './testing/adapter-cases.js';

test.each([
  ['full', 'full'],
  ['full:exclude=*embed*+*bias*', 'full:exclude=*embed*+*bias*'],
  ['head', 'head'],
  ['bitfit', 'bitfit'],
  ['lora', 'lora:r=8,alpha=16'],
  ['lora:4', 'lora:r=4,alpha=8'],
  ['lora:r=8,alpha=16,targets=query+value', 'lora:r=8,alpha=16,targets=query+value'],
  ['lora:targets=query,rslora=true,dropout=0.1', 'lora:r=8,alpha=16,dropout=0.1,rslora=true,targets=query'],
  ['prefix:20', 'prefix:tokens=20'],
  ['prefix:tokens=20,mlp=64,positions=shift', 'prefix:tokens=20,mlp=64,positions=shift'],
  ['prompt:10', 'prompt:tokens=10'],
  ['ia3', 'ia3'],
  ['intrinsic:1000', 'intrinsic:k=1000'],
  ['intrinsic:1000,projection=hadamard,said=true', 'intrinsic:k=1000,projection=hadamard,said=true'],
])('%s is the space %s, which is read as itself', (text, spec) => {
  expect(parseSpace(text).spec).toBe(spec);
  expect(parseSpace(spec).spec).toBe(spec);
});

test('an adapter is a space whose spec says which adapter it is', () => {
  const { directory } = adapterCase('roberta-lora');
  const { spec } = parseSpace(`adapter:${directory}`);
  expect(spec).toMatch(/^adapter:dir=.*roberta-lora,sha256=[0-9a-f]{16}$/);
  expect(parseSpace(spec).spec).toBe(spec);
  expect(() => parseSpace(spec.replace(/sha256=.*/, 'sha256=0'))).toThrow(/found an adapter with sha256/);
  expect(() => parseSpace('adapter:nowhere')).toThrow(AdapterConfigError);
  expect(() => parseSpace('adapter')).toThrow(/no dir/);
});

test.each([
  ['lora:r=0', /r = "0", expected a whole number of at least 1.*Usage: lora/],
  ['lora:r=eight', /r = "eight"/],
  ['lora:r=2,r=3', /r twice/],
  ['lora:rank=8', /"rank", expected r, alpha, dropout, targets, also, rslora/],
  ['lora:8,16', /"16", expected key=value/],
  ['lora:dropout=1', /dropout = "1"/],
  ['lora:targets=query++value', /targets with an empty name/],
  ['lora:rslora=yes', /true or false/],
  ['prefix', /no tokens/],
  ['prefix:20,positions=up', /keep or shift/],
  ['prompt:', /no tokens/],
  ['prompt:-3', /tokens = "-3"/],
  ['intrinsic:2.5', /k = "2.5"/],
  ['intrinsic:10,projection=sparse', /dense or hadamard/],
  ['bitfit:all', /"all", expected key=value/],
  ['head:x=1', /"x", expected no arguments/],
])('%s is refused with what was expected', (text, message) => {
  expect(() => parseSpace(text)).toThrow(SpaceSpecError);
  expect(() => parseSpace(text)).toThrow(message);
});

test('an unknown space is refused with the list of spaces', () => {
  expect(() => parseSpace('dora:r=8')).toThrow(UnknownSpaceError);
  expect(() => parseSpace('dora:r=8')).toThrow(/"dora".*full.*lora.*prefix.*intrinsic/s);
});

test('the spaces that can be written are those that are listed', () => {
  expect(spaceSyntaxes.map(({ name }) => name)).toEqual([...spaceNames]);
});

test('any text is a space or a typed error', () => {
  const names = spaceSyntaxes.map(({ name }) => name);
  const keys = ['r', 'alpha', 'tokens', 'k', 'targets', 'include', 'projection', 'mlp', 'said', ''];
  const argument = fc.tuple(fc.constantFrom(...keys), fc.oneof(fc.string(), fc.integer().map(String)));
  const spec = fc
    .tuple(fc.constantFrom(...names), fc.array(argument, { maxLength: 4 }))
    .map(
      ([name, args]) => `${name}:${args.map(([key, value]) => (key ? `${key}=${value}` : value)).join(',')}`,
    );
  fc.assert(
    fc.property(fc.oneof(fc.string(), spec), (text) => {
      try {
        const { spec: canonical } = parseSpace(text);
        expect(parseSpace(canonical).spec).toBe(canonical);
      } catch (error) {
        expect(error).toBeInstanceOf(NtkLensError);
      }
    }),
    { numRuns: 2000 },
  );
});

test('targets that match nothing list the candidates, and ranks that are too large the matrix', async () => {
  const model = await loadModel(tinyModel('roberta'));
  const apply = (spec: string) => parseSpace(spec).apply(model);
  await expect(apply('lora:targets=query+qery')).rejects.toThrow(NoTargetsError);
  await expect(apply('lora:targets=query+qery')).rejects.toThrow(
    /found "qery", which match nothing.*key, .*query, value.*more/,
  );
  await expect(apply('ia3:targets=*.layer.9.*')).rejects.toThrow(NoTargetsError);
  await expect(apply('full:include=*nothing*')).rejects.toThrow(/"\*nothing\*".*roberta/);
  await expect(apply('lora:r=25,targets=intermediate')).rejects.toThrow(RankTooLargeError);
  await expect(apply('lora:r=25,targets=intermediate')).rejects.toThrow(
    /r = 25 for roberta.encoder.layer.0.intermediate.dense.weight \[36,24\], expected at most 24/,
  );
  await expect(apply('lora:also=*nothing*')).rejects.toThrow(NoTargetsError);
  await expect(apply('prompt:38')).rejects.toThrow(/fewer than the 38 positions/);
  await expect(
    apply('lora').then((space) =>
      space.at(new Map([['x', { dtype: 'float32', shape: [1], data: new Float32Array(1) }]])),
    ),
  ).rejects.toThrow(/"x", expected a trainable parameter/);
  await model.close();
});

test('a seed gives the same starting point, and one target the same factors whatever the others are', async () => {
  const model = await loadModel(tinyModel('roberta'));
  const name = 'roberta.encoder.layer.0.attention.self.query.lora_A.weight';
  const read = async (spec: string, seed: number) =>
    (await parseSpace(spec).apply(model, { seed })).read(name);
  expect(await read('lora:r=2', 1)).toEqual(await read('lora:r=2,targets=query+output', 1));
  expect(await read('lora:r=2', 1)).not.toEqual(await read('lora:r=2', 2));
  const [one, two] = [
    await parseSpace('lora').apply(model),
    await parseSpace('lora').apply(model, { seed: 2 }),
  ];
  expect(await one.hash()).not.toBe(await two.hash());
  const moved = one.at(new Map([[name, await one.read(name)]]));
  expect(await moved.hash()).not.toBe(await one.hash());
  await model.close();
});
