import { expect, expectTypeOf, test } from 'vitest';
import { loadModel } from '../node/load-model.js';
import { architectureRoot } from '../testing/architecture-cases.js';
import { defineArchitecture } from './define-architecture.js';
import type { NetworkConfig } from './network-config.js';
import type { ConfigOf, ModelType } from './registry.js';
import { roberta } from './roberta.js';

/** SHA-256 of configurations and weights, which the manifests of kernels have: fields and their order are part of it. */
const hashes = {
  albert: '4d6b64fa4ce72e7a9332c63f362a0780f1e3609aa53b28d9c2959139d8198238',
  'albert-groups': '09e4afb083104f84ab4db52a4b7756bfbd1f5fd2dad380e10cf00201e20e1cd9',
  bert: 'ae9da0333c50c2342fbb93dca13d8191c938a962d20318d157a0d5580f3dab56',
  'bert-untied': 'ebcbbe1b0efb038cf279802c4a9c5cbfabcff4ac39023b9fa9602d51aed5c724',
  distilbert: '9fa9fc8714bb513d81afb52c00035cafc945cbc5526b3ca590654f9577b5976d',
  'distilbert-relu': '1aacfff42eeab32a629808fb9e23fa16042dacf8e85594aee4fde48ef204169c',
  electra: 'edcde3da0beb2d415e212dd7b3c64482f4c4455a73dda29625cb01097f9e0e5f',
  'electra-equal': 'a5eed1a945251ba91ed884fc3f3b2aaa475907bbdb0b937491462e01143c42be',
  gpt2: '1a8cdb09f5c8205f818db56107c3a2ce0f8db68d45cd5d11683b7b2365a597a7',
  'gpt2-scaled': '38802cb9c7ecdac9df2aac3c0ef4c2296e02b257aee448eeeeae7b650fa4d794',
  roberta: '03fbdd8a218caca0a135c1e75dbc15ea96f190cfa5f32429c5e875ffd9dc9568',
  'xlm-roberta': '5a9f91ece06318d22f98f1ec639951666e9d9c1ed879d5fc8207d0e5f8c08576',
};

test.each(Object.entries(hashes))('a %s has the hash that manifests know', async (name, hash) => {
  const model = await loadModel(`${architectureRoot}/${name}`);
  expect(await model.hash()).toBe(hash);
  await model.close();
});

test('the configuration of a model type is what its definition gives', () => {
  expectTypeOf<ModelType>().extract<'albert' | 'bert' | 'gpt2' | 'xlm-roberta'>().not.toBeNever();
  expectTypeOf<ConfigOf<'albert'>>().toExtend<NetworkConfig & { readonly innerGroups: number }>();
  expectTypeOf<ConfigOf<'xlm-roberta'>['positionOffset']>().toEqualTypeOf<number>();
  expectTypeOf<ConfigOf<'distilbert'>>().not.toHaveProperty('typeVocabSize');
});

test('a definition without one of its parts does not compile', () => {
  const { names: _names, ...nameless } = roberta;
  // @ts-expect-error: checkpoints have no names
  defineArchitecture(nameless);
  const { targets: _targets, ...untargeted } = roberta;
  // @ts-expect-error: parameter spaces have no defaults
  defineArchitecture(untargeted);
  // @ts-expect-error: the network has no size
  defineArchitecture({ ...roberta, config: () => ({ vocabSize: 1 }) });
});
