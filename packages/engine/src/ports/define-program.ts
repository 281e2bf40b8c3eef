import type { NDArray } from '@ntk-lens/core';
import * as tf from '@ntk-lens/tfjs';
import { programKey } from '../check-inputs.js';
import type { Program, TensorSpec } from '../program.js';
import type { Resident, Runtime } from '../runtime.js';
import { trace } from '../trace/trace.js';
import { identityOf } from './identity.js';
import { flattenPorts, type MapPorts, mapPorts, type Ports } from './ports.js';

const isSpec = (value: unknown): boolean => 'dtype' in (value as object) && 'shape' in (value as object);
const isResident = (value: unknown): boolean => 'bytes' in (value as object) && 'id' in (value as object);
const isTensor = (value: unknown): boolean => value instanceof tf.Tensor;

/** Structure `I` of specs as the tensors that a program's function is given. */
export type TensorsOf<I> = MapPorts<I, TensorSpec, tf.Tensor>;

/** A program for given settings, whose inputs have structure `I` and whose results have structure `O`. */
export interface PortProgram<I, O> {
  /** The program as runtimes take it, with tensors by name. */
  readonly flat: Program;
  /** The inputs' names, in the inputs' structure. */
  readonly inputs: MapPorts<I, TensorSpec, string>;
  /** The results' names, in the results' structure. */
  readonly results: MapPorts<O, tf.Tensor, string>;
  /** Runs it; results stay resident. See {@link Runtime.run}. */
  run(runtime: Runtime, inputs: MapPorts<I, TensorSpec, Resident>): Promise<MapPorts<O, tf.Tensor, Resident>>;
  /** Runs it and copies the results out; for small results. See {@link Runtime.compute}. */
  compute(
    runtime: Runtime,
    inputs: MapPorts<I, TensorSpec, Resident>,
  ): Promise<MapPorts<O, tf.Tensor, NDArray>>;
}

/** A kind of program: a function of settings, which says how one is made. */
export interface ProgramDefinition<S, I, O> {
  /** Structure, types and shapes of the inputs. */
  readonly inputs: (settings: S) => I;
  /** The function, in tfjs operations; it returns a structure of tensors. It may depend on its arguments alone: they are what identifies the program. */
  readonly build: (inputs: TensorsOf<I>, settings: S) => O;
  /** See {@link Program.keepWorkspace}. */
  readonly keepWorkspace?: (settings: S) => number;
  /** See {@link Program.elementwise}. */
  readonly elementwise?: (settings: S) => boolean;
}

/** Structures of results by program: they are known once its function has run. The oldest goes where there are too many. */
const skeletons = new Map<string, Ports<string>>();
const MAX_SKELETONS = 10_000;
const keepSkeleton = (key: string, skeleton: Ports<string>): void => {
  skeletons.set(key, skeleton);
  if (skeletons.size <= MAX_SKELETONS) return;
  const [oldest] = skeletons.keys();
  skeletons.delete(oldest!);
};

let definitions = 0;

/**
 * Defines a kind of program: a function of a structure of tensors and of settings. Two programs are the same,
 * and are compiled once, when their definition, their settings and their inputs' types and shapes are equal:
 * nothing that they compute has to be described in words. Settings are plain values, or hold objects with an
 * `identity` (see {@link identityOf}); define programs at the top level of a module, so that their function
 * sees nothing else.
 *
 * @example
 * ```ts
 * const scaled = defineProgram('scaled', {
 *   inputs: ({ shape }: { shape: readonly number[]; factor: number }) => ({ x: { dtype: 'float32', shape } as const }),
 *   build: ({ x }, { factor }) => ({ y: tf.mul(x, factor) }),
 * });
 * const { y } = await scaled({ shape: [3], factor: 2 }).compute(runtime, { x: vector });
 * ```
 * @param name name of the program in errors and profiles
 */
export const defineProgram = <S, I extends object, O extends object>(
  name: string | ((settings: S) => string),
  { inputs, build, keepWorkspace, elementwise }: ProgramDefinition<S, I, O>,
): ((settings: S) => PortProgram<I, O>) => {
  const definition = definitions++;
  return (settings) => {
    const specs = inputs(settings);
    const flatSpecs = flattenPorts<TensorSpec>(specs as Ports<TensorSpec>, isSpec);
    const identity = `${definition} ${identityOf(settings)}`;
    const flat: Program = {
      name: typeof name === 'string' ? name : name(settings),
      identity,
      inputs: flatSpecs,
      keepWorkspace: keepWorkspace?.(settings),
      elementwise: elementwise?.(settings),
      build: (tensors) => {
        const given = mapPorts(specs as Ports<TensorSpec>, isSpec, (_, port) => tensors[port] as tf.Tensor);
        const made = build(given as TensorsOf<I>, settings) as Ports<tf.Tensor>;
        keepSkeleton(
          programKey(flat),
          mapPorts<tf.Tensor, string>(made, isTensor, (_, port) => port),
        );
        return flattenPorts<tf.Tensor>(made, isTensor);
      },
    };
    const skeleton = (): Ports<string> => {
      const key = programKey(flat);
      if (!skeletons.has(key)) trace(flat);
      return skeletons.get(key);
    };
    const structured = <T>(byName: Readonly<Record<string, T>>): Ports<T> =>
      mapPorts<string, T>(
        skeleton(),
        (value) => typeof value === 'string',
        (port) => byName[port] as T,
      );
    return {
      flat,
      get inputs() {
        const names = mapPorts<TensorSpec, string>(specs as Ports<TensorSpec>, isSpec, (_, port) => port);
        return names as MapPorts<I, TensorSpec, string>;
      },
      get results() {
        return skeleton() as MapPorts<O, tf.Tensor, string>;
      },
      run: async (runtime, given) => {
        const made = await runtime.run(flat, flattenPorts<Resident>(given as Ports<Resident>, isResident));
        return structured(made) as MapPorts<O, tf.Tensor, Resident>;
      },
      compute: async (runtime, given) => {
        const made = await runtime.compute(
          flat,
          flattenPorts<Resident>(given as Ports<Resident>, isResident),
        );
        return structured(made) as MapPorts<O, tf.Tensor, NDArray>;
      },
    };
  };
};
