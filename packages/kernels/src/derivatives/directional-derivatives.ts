import {
  BadArgumentError,
  type EncodedExample,
  type LongTaskOptions,
  type NDArray,
  throwIfCancelled,
  zeros,
} from '@ntk-lens/core';
import type { Resident, Runtime } from '@ntk-lens/engine';
import {
  type LanguageModel,
  SequenceTooLongError,
  type Stage,
  stageFunction,
  uploadStageWeights,
} from '@ntk-lens/models';
import { MemoryBudgetError, NoParametersError } from '../errors.js';
import type { ParameterFilter } from '../factors/active-parameters.js';
import { type ExampleBatch, uploadBatch } from '../pass/example-batch.js';
import { forwardBatch } from '../pass/forward-pass.js';
import { activeIn, type PassContext, readoutsOf } from '../pass/kernel-context.js';
import { chooseKept } from '../plan/kept-outputs.js';
import { kernelBatches } from '../plan/kernel-batches.js';
import { fixedBytes } from '../plan/memory.js';
import { DEFAULT_BATCH, DEFAULT_MEMORY } from '../prepare.js';
import { ResidentScope } from '../resident-scope.js';
import { type MovingSite, movingSites } from './moving-sites.js';
import { StageDerivatives } from './stage-derivatives.js';
import type { WeightDirection } from './weight-direction.js';

export interface DerivativeRequest extends LongTaskOptions {
  /** At the point θ where the derivatives are taken. */
  readonly model: LanguageModel;
  readonly runtime: Runtime;
  readonly examples: readonly EncodedExample[];
  /** Token ids of the label words, in label order. */
  readonly labelWordIds: readonly number[];
  /** Vectors v in parameter space; one backward pass serves all. */
  readonly directions: readonly WeightDirection[];
  /** One output, logit₁ − logit₀, instead of one per label; needs two labels. */
  readonly binary?: boolean;
  /** Parameters that move, by Hugging Face name; directions are zero elsewhere. Default: all. */
  readonly parameters?: ParameterFilter;
  /** Examples that run together. Default: 32. */
  readonly batchSize?: number;
  /** Budget in bytes for everything, weights included. Default: 4 GiB. */
  readonly memory?: number;
}

export interface DirectionalDerivatives {
  /** f(·; θ), `[n, C]`. */
  readonly logits: NDArray<'float64'>;
  /** ⟨∇f_c(ξ; θ), v⟩ for each direction v, `[n, C]`. */
  readonly derivatives: readonly NDArray<'float64'>[];
}

/**
 * Jacobian-vector products J v of all examples and logits without forward-mode autodiff: the cotangent that each
 * site's output has anyway, against what the site computes with v in place of its parameters (PAPER §1). With
 * v = θ_t − θ₀, f(·; θ₀) + J v is f linearized at θ₀.
 *
 * @example
 * ```ts
 * const { logits, derivatives: [change] } = await directionalDerivatives({
 *   model, runtime, examples, labelWordIds, directions: [weightDifference(tuned, model)],
 * });
 * const linearized = logits.data.map((f, i) => f + change!.data[i]!);
 * ```
 * @returns float64, summed over tokens and layers in float64
 * @throws BadArgumentError, SequenceTooLongError, NoParametersError, MemoryBudgetError before any work
 * @throws NonFiniteWeightError, NonFiniteActivationError; CancelledError
 */
export const directionalDerivatives = async (request: DerivativeRequest): Promise<DirectionalDerivatives> => {
  const { model, labelWordIds, examples } = request;
  if (request.binary && labelWordIds.length !== 2)
    throw new BadArgumentError('binary', `${labelWordIds.length} labels`, 'two labels');
  for (const [i, { inputIds }] of examples.entries()) {
    if (inputIds.length > model.config.maxTokens)
      throw new SequenceTooLongError(i, inputIds.length, model.config.maxTokens);
  }
  const stages = model.stages(labelWordIds);
  const active = activeIn(stages, request.parameters ?? (() => true), false, false);
  const moving = active.map(movingSites);
  if (moving.every((sites) => sites.length === 0)) throw new NoParametersError([...model.parameters.keys()]);
  const outputs = readoutsOf(labelWordIds.length, request.binary ?? false).length;
  const result: DirectionalDerivatives = {
    logits: zeros('float64', [examples.length, outputs]),
    derivatives: request.directions.map(() => zeros('float64', [examples.length, outputs])),
  };
  if (examples.length === 0) return result;
  const groups = groupsOf(request, stages, active, outputs);
  // Whatever fails in between, nothing stays in the runtime.
  const scope = new ResidentScope(request.runtime);
  try {
    const weights = await uploadStageWeights(scope, model, stages, request);
    const context: PassContext = {
      runtime: scope,
      functionOf: (stage) => stageFunction(model.config, stage),
      stages,
      weights,
      readouts: readoutsOf(labelWordIds.length, request.binary ?? false),
    };
    for (const [g, { batches, room }] of groups.entries()) {
      const tokens = batches.reduce((sum, { indices, length }) => sum + indices.length * length, 0);
      const kept = chooseKept(stages, tokens, room, outputs);
      const label = `${g + 1}/${groups.length}`;
      await deriveGroup({ ...context, kept }, request, moving, batches, result, label);
    }
    return result;
  } finally {
    await scope.close();
  }
};

type PlannedBatches = ReturnType<typeof kernelBatches>;

interface Group {
  readonly batches: PlannedBatches;
  /** Bytes of the budget that they leave. */
  room: number;
}

/** Batches that run through all stages together: as many as the budget takes. */
const groupsOf = (
  { model, examples, directions, batchSize = DEFAULT_BATCH, memory = DEFAULT_MEMORY }: DerivativeRequest,
  stages: readonly Stage[],
  active: ReturnType<typeof activeIn>,
  outputs: number,
): Group[] => {
  const { hiddenSize, maxTokens } = model.config;
  const lengths = examples.map(({ inputIds }) => inputIds.length);
  const batches = kernelBatches(lengths, batchSize, maxTokens);
  const stored = new Map([...model.parameters].map(([name, shape]) => [model.storedName(name), shape]));
  const sizes = [...stored.values()].map((shape) => 4 * shape.reduce((a, b) => a * b, 1));
  const widest = Math.max(
    ...stages.map(({ weights }) =>
      Object.values(weights).reduce((sum, { shape }) => sum + 4 * shape.reduce((a, b) => a * b, 1), 0),
    ),
  );
  const fixed =
    fixedBytes(
      {
        stages,
        active,
        hiddenSize,
        outputs,
        formula: 'sgd',
        weightBytes: sizes.reduce((a, b) => a + b, 0),
        padTo: Math.max(...batches.map(({ length }) => length)),
      },
      batchSize,
    ) +
    widest * directions.length;
  const bytesOf = ({ indices, length }: PlannedBatches[number]) =>
    4 * indices.length * length * hiddenSize * (stages.length + 2 * outputs + directions.length);
  const largest = Math.max(...batches.map(bytesOf));
  if (fixed + largest > memory) throw new MemoryBudgetError(memory, fixed + largest);
  const groups: Group[] = [];
  for (const batch of batches) {
    const bytes = bytesOf(batch);
    if (bytes > (groups.at(-1)?.room ?? 0)) groups.push({ batches: [], room: memory - fixed });
    const group = groups.at(-1)!;
    group.batches.push(batch);
    group.room -= bytes;
  }
  return groups;
};

const deriveGroup = async (
  context: PassContext,
  request: DerivativeRequest,
  moving: readonly (readonly MovingSite[])[],
  group: PlannedBatches,
  result: DirectionalDerivatives,
  label: string,
): Promise<void> => {
  const { runtime, stages, readouts } = context;
  const { examples, model, signal, onProgress, directions } = request;
  const held: ExampleBatch[] = [];
  try {
    for (const planned of group) {
      const batch = await uploadBatch(runtime, examples, planned, model.config);
      held.push(batch);
      const { data } = await forwardBatch(context, batch, signal);
      for (const [row, i] of batch.indices.entries())
        for (const c of readouts.keys())
          result.logits.data[i * readouts.length + c] = data[row * readouts.length + c]!;
    }
    const lowest = moving.findIndex((sites) => sites.length > 0);
    for (let index = stages.length - 1; index >= lowest; index--) {
      throwIfCancelled(signal, 'The derivatives');
      const stage = await StageDerivatives.open(context, index, moving[index]!, directions, held);
      try {
        for (const batch of held) {
          throwIfCancelled(signal, 'The derivatives');
          await stage.take(batch, index > lowest, result.derivatives);
        }
      } finally {
        stage.release();
      }
      onProgress?.({
        phase: 'derivatives',
        done: stages.length - index,
        total: stages.length - lowest,
        unit: 'stages',
        detail: `${stages[index]!.name}, group ${label}`,
      });
    }
  } finally {
    for (const { side, states, kept, cotangents } of held)
      runtime.release([
        ...Object.values(side),
        ...[...states, ...kept.flatMap((sites) => Object.values(sites)), ...cotangents].filter(
          (tensor): tensor is Resident => tensor !== undefined,
        ),
      ]);
  }
};
