import { RuntimeUnavailableError } from '../errors.js';
import type { Runtime } from '../runtime.js';

/**
 * The order in which `auto` tries runtimes, fastest first. The TensorFlow runtimes are not in it: they are
 * optional, and chosen by name.
 * @internal
 */
export const autoOrder = ['ort-cuda', 'ort-webgpu', 'ort-cpu', 'tfjs-wasm', 'tfjs-cpu'] as const;
export type AutoRuntimeName = (typeof autoOrder)[number];

/** The facts about this machine that the choice depends on. */
export interface RuntimeProbes {
  /** @throws RuntimeUnavailableError */
  open(name: AutoRuntimeName, reason: string): Promise<Runtime>;
  /** The reason for which there is certainly no graphics processor, if there is one. */
  whyNoGraphics(): string | undefined;
  /** Rate of a small matrix product, in GFLOP/s. */
  rate(runtime: Runtime): Promise<number>;
}

const clause = (error: RuntimeUnavailableError): string => error.why.replace(/\.$/, '');

/**
 * Opens the first runtime of {@link autoOrder} that works here; its `info.reason` says why those before it
 * were passed over, and where ONNX Runtime cannot be used, how to get it. WebGPU must also be faster than the CPU, because it may be a driver that computes on the
 * CPU and does not say so.
 */
export const chooseRuntime = async (probes: RuntimeProbes): Promise<Runtime> => {
  const passedOver: string[] = [];
  const reason = (): string => [...new Set(passedOver)].join('; ') || 'the fastest kind there is';
  let remedy = '';
  let last: RuntimeUnavailableError | undefined;
  for (const name of autoOrder) {
    try {
      if (name === 'ort-webgpu') {
        const runtime = await chooseWebGpu(probes, passedOver, reason);
        if (runtime) return runtime;
        continue;
      }
      return await probes.open(name, remedy ? `${reason()}. ${remedy}` : reason());
    } catch (error) {
      if (!(error instanceof RuntimeUnavailableError)) throw error;
      last = error;
      if (name === 'ort-cpu') remedy = error.remedy;
      passedOver.push(clause(error));
    }
  }
  throw last!;
};

/** WebGPU if a device is there and beats the CPU; else undefined, with the reason in `passedOver`. */
const chooseWebGpu = async (
  probes: RuntimeProbes,
  passedOver: string[],
  reason: () => string,
): Promise<Runtime | undefined> => {
  const nothing = probes.whyNoGraphics();
  if (nothing) {
    passedOver.push(nothing);
    return undefined;
  }
  const webgpu = await probes.open('ort-webgpu', reason());
  let cpu: Runtime | undefined;
  try {
    cpu = await probes.open('ort-cpu', '');
    const [device, host] = [await probes.rate(webgpu), await probes.rate(cpu)];
    if (device > host) return webgpu;
    passedOver.push(
      `the WebGPU adapter is slower than the CPU (${device.toFixed(0)} against ${host.toFixed(0)} GFLOP/s)`,
    );
  } catch (error) {
    if (!cpu) return webgpu;
    passedOver.push(`the WebGPU adapter failed (${(error as Error).message})`);
  } finally {
    await cpu?.close();
  }
  await webgpu.close();
  return undefined;
};
