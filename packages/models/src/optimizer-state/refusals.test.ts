import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  NotAdamStateError,
  OptimizerStateFormatError,
  PickleRefusedError,
  TrainingStateError,
  writeSafetensors,
} from '@ntk-lens/checkpoints';
import { describe, expect, it } from 'vitest';
import { OptimizerModelError, ParameterNamesError } from './errors.js';
import {
  adamState,
  fileOf,
  filled,
  fixture,
  modelOf,
  stateCase,
  tinyRoberta,
  torchFile,
} from './testing/states.js';

const { config, order, shapes, query, refusal, changed } = tinyRoberta();

describe('a file that is no state of Adam', () => {
  it('is refused by what it holds instead', async () => {
    const sgd = await refusal(fixture('sgd.pt'));
    expect(sgd).toBeInstanceOf(NotAdamStateError);
    expect(sgd.message).toMatch(/states of momentum_buffer/);
    const adafactor = await refusal(fixture('adafactor.pt'));
    expect(adafactor).toBeInstanceOf(NotAdamStateError);
    expect(adafactor.message).toMatch(/exp_avg_sq_row/);
    const amsgrad = await refusal(fixture('amsgrad.pt'));
    expect(amsgrad).toBeInstanceOf(NotAdamStateError);
    expect(amsgrad.message).toMatch(/max_exp_avg_sq/);
    const before = await refusal(
      await torchFile({ state: {}, param_groups: adamState(shapes).param_groups }),
    );
    expect(before).toBeInstanceOf(NotAdamStateError);
    expect(before.message).toMatch(/no state of any parameter/);
  });

  it('is refused where it is another torch file', async () => {
    const weights = fileURLToPath(new URL('../../../checkpoints/fixtures', import.meta.url));
    const kernel = await refusal(join(weights, 'torch/kernel.pt'));
    expect(kernel).toBeInstanceOf(OptimizerStateFormatError);
    const bin = await refusal(join(weights, 'tiny-bert-bin/pytorch_model.bin'));
    expect(bin).toBeInstanceOf(OptimizerStateFormatError);
    expect(bin.message).toMatch(/a dictionary of bert\./);
    const safetensors = await refusal(join(weights, 'tiny-bert/model.safetensors'));
    expect(safetensors).toBeInstanceOf(OptimizerStateFormatError);
    expect(safetensors.message).toMatch(/<parameter>\.exp_avg_sq/);
    expect(await refusal(join(weights, 'malicious/os-system.2.pt'))).toBeInstanceOf(PickleRefusedError);
    const groups = await torchFile({ state: {}, param_groups: [{ lr: 1 }] });
    expect(await refusal(groups)).toBeInstanceOf(OptimizerStateFormatError);
    const stray = adamState(shapes);
    const lost = await refusal(await torchFile({ state: stray.state, param_groups: [{ params: [0, 1] }] }));
    expect(lost).toBeInstanceOf(OptimizerStateFormatError);
    const [group] = stray.param_groups;
    const twice = await refusal(await torchFile({ ...stray, param_groups: [group!, group!] } as never));
    expect(twice.message).toMatch(/a parameter in two groups/);
  });

  it('is refused where it is a checkpoint of fine-tuning with ntk-lens', async () => {
    const file = await fileOf('', 'safetensors');
    const name = 'roberta.embeddings.word_embeddings.weight';
    const tensors = [name, `${name} first`, `${name} second`].map((key) => [key, filled([4, 8], 1)] as const);
    await writeSafetensors(file, new Map(tensors));
    const error = await refusal(file);
    expect(error).toBeInstanceOf(TrainingStateError);
    expect(error.message).toMatch(/rows of word tables/);
  });
});

describe('a state of another model', () => {
  it('is refused with the parameter, what was found and what was expected', async () => {
    const error = await refusal(await changed((entry) => ({ ...entry, exp_avg_sq: filled([8, 9], 1) })));
    expect(error).toBeInstanceOf(OptimizerModelError);
    expect(error.message).toContain(`found "${query}" of shape [8,9], expected [8,8]`);
  });

  it('is refused where it has more layers of the same sizes', async () => {
    const smaller = modelOf({ ...config, num_hidden_layers: 1 });
    const error = await refusal(fixture('roberta-named.pt'), {}, smaller);
    expect(error).toBeInstanceOf(OptimizerModelError);
    expect(error.message).toMatch(/roberta\.encoder\.layer\.1\..*which the model lacks/);
    const bare = order.map((name) => name.replace('roberta.', ''));
    expect(await refusal(fixture('roberta.pt'), { names: bare }, smaller)).toBeInstanceOf(
      OptimizerModelError,
    );
  });

  it('is refused where its decoder is not tied and that of the model is', async () => {
    const untied = stateCase('roberta-untied');
    const error = await refusal(fixture('roberta-untied.pt'), { names: untied.order });
    expect(error).toBeInstanceOf(OptimizerModelError);
    expect(error.message).toMatch(
      /word_embeddings\.weight and lm_head\.decoder\.weight apart.*because the model's decoder is tied/,
    );
  });

  it('asks for names where groups have other sizes or shapes', async () => {
    const sizes = await refusal(fixture('roberta.pt'), {}, modelOf({ ...config, num_hidden_layers: 3 }));
    expect(sizes).toBeInstanceOf(ParameterNamesError);
    expect(sizes.message).toMatch(/found groups of 16 \+ 26 parameters, expected .*22 \+ 36/);
    expect(sizes.message).toContain('Pass "names"');
    const other = await refusal(fixture('roberta.pt'), {}, modelOf({ ...config, intermediate_size: 14 }));
    expect(other).toBeInstanceOf(ParameterNamesError);
    expect(other.message).toMatch(/intermediate\.dense\.weight" of shape \[14,8\], found \[12,8\]/);
    expect(await refusal(fixture('gpt2.pt'))).toBeInstanceOf(ParameterNamesError);
  });

  it('is refused where no name is one of the model', async () => {
    const error = await refusal(fixture('gpt2.pt'), { names: stateCase('gpt2').order });
    expect(error).toBeInstanceOf(ParameterNamesError);
    expect(error.message).toMatch(/transformer\.wte\.weight/);
  });
});
