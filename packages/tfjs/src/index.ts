// TensorFlow.js without what a kernel needs not: no layers, converter, data and WebGL. Its core registers neither
// gradients nor operations as methods of tensors by itself.
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops.js';
import '@tensorflow/tfjs-backend-cpu';
import './segment-sum.js';

export * from '@tensorflow/tfjs-core';
