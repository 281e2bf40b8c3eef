/**
 * Keeps NVIDIA's libraries from rounding the factors of float32 products to TF32 (10 bits of mantissa), which
 * ONNX Runtime and TensorFlow let them do by default. They read the variable when they are loaded; a value that
 * the user has set stays.
 */
export const keepFloat32Products = (environment: NodeJS.ProcessEnv = process.env): void => {
  environment['NVIDIA_TF32_OVERRIDE'] ??= '0';
};
