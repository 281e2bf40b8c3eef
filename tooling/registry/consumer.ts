// A strict project of a stranger: it imports every package, and its own numbers go through their types.
import * as checkpoints from '@ntk-lens/checkpoints';
import * as core from '@ntk-lens/core';
import { createRuntime, defineProgram, tf } from '@ntk-lens/engine';
import * as kernels from '@ntk-lens/kernels';
import * as lens from '@ntk-lens/lens';
import * as models from '@ntk-lens/models';
import * as prompts from '@ntk-lens/prompts';
import * as report from '@ntk-lens/report';
import * as solvers from '@ntk-lens/solvers';
import * as subspace from '@ntk-lens/subspace';
import * as tasks from '@ntk-lens/tasks';
import * as tensorPrograms from '@ntk-lens/tensor-programs';
import * as tokenizers from '@ntk-lens/tokenizers';
import * as program from 'ntk-lens';

const x: tf.Tensor2D = tf.tensor2d([
  [1, 2],
  [3, 4],
]);
export const gradient: tf.Tensor = tf.grad((y: tf.Tensor) => y.matMul(y).square().sum() as tf.Scalar)(x);
// @ts-expect-error: types are there, so a tensor is no number
export const wrong: number = x.add(1);
export const everything = [
  checkpoints,
  core,
  createRuntime,
  defineProgram,
  kernels,
  lens,
  models,
  program,
  prompts,
  report,
  solvers,
  subspace,
  tasks,
  tensorPrograms,
  tokenizers,
];
