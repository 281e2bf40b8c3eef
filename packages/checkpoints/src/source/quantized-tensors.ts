import { QuantizedModelError } from '../errors.js';

/** Ends of names of the tensors that hold codes and scales, and the programs that call them so. */
const signatures: readonly (readonly [RegExp, string])[] = [
  [/\.(qweight|qzeros|g_idx)$/, 'GPTQ or AWQ'],
  [/\.weight\.(absmax|quant_map|nested_absmax|nested_quant_map|quant_state\..+)$/, 'bitsandbytes, 4 bits'],
  [/\.SCB$/, 'bitsandbytes, 8 bits'],
  [/\.weight_scale_inv$/, 'FP8'],
  [/\.weight_(packed|scale|zero_point|global_scale)$/, 'compressed-tensors or FP8'],
  [/_(blocks|scales)$/, 'MXFP4'],
  [/\.(W_q|codebooks|weight_scales|weight\._(data|scale))$/, 'HQQ, AQLM, EETQ or Quanto'],
];

/**
 * Refuses weights that are stored as codes and scales, by the names of their tensors.
 *
 * @param names names of tensors
 * @param file named in the error
 * @throws QuantizedModelError, which names a tensor and the method
 */
export const refuseQuantizedTensors = (names: Iterable<string>, file: string): void => {
  for (const name of names) {
    const method = signatures.find(([end]) => end.test(name))?.[1];
    if (method !== undefined)
      throw new QuantizedModelError(
        file,
        `the tensor "${name.slice(0, 120)}" of quantized weights (${method})`,
      );
  }
};
