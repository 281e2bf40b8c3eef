import { programKey } from '../check-inputs.js';
import { type CompiledModel, type CompileTarget, compileProgram } from '../onnx/compile-program.js';
import type { Program } from '../program.js';
import { ProgramCache } from './program-cache.js';

/** Bytes of ONNX models that are kept; one takes a few thousand, unless it has large constants. */
const KEPT_MODELS = 32 * 2 ** 20;

const models = new ProgramCache<CompiledModel>(KEPT_MODELS, () => {});

/**
 * The compiled program, from before where this process has traced it for another runtime: tracing takes longer than
 * many a small program runs. A program without an identity is traced anew, since its name may be another's too.
 *
 * @returns a model whose buffer is the caller's own
 */
export const compileOnce = (program: Program, target: CompileTarget): CompiledModel => {
  if (program.identity === undefined) return compileProgram(program, target);
  const key = `${target.slicing} ${target.integers} ${programKey(program)}`;
  const known = models.get(key);
  const compiled = known ?? compileProgram(program, target);
  if (!known) models.set(key, compiled, compiled.model.byteLength);
  return { ...compiled, model: compiled.model.slice() };
};
