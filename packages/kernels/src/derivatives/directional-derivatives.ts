import { type EncodedExample, type LongTaskOptions, type NDArray, zeros } from '@ntk-lens/core';
import { type Runtime, usualRates } from '@ntk-lens/engine';
import {
  checkSequences,
  DEFAULT_MEMORY,
  exceedsMemory,
  firstPosition,
  type LabelWordIds,
  type LanguageModel,
  openStageWeights,
  type Stage,
  StageChain,
  streamedBytesOf,
  type WordRows,
  weightBytesOf,
  withWordRows,
  wordRowsOf,
} from '@ntk-lens/models';
import { MemoryBudgetError, NoParametersError } from '../errors.js';
import { type ActiveParameters, activeIn, type ParameterFilter } from '../factors/active-parameters.js';
import type { ExampleBatch } from '../factors/stage-factors.js';
import { sgd } from '../formulas/sgd.js';
import type { WeightDirection } from '../formulas/weight-direction.js';
import { forwardBatches, openBatch, releaseBatches } from '../pass/example-batch.js';
import { ResidentScope } from '../pass/resident-scope.js';
import { chooseKept, type KeptSites } from '../plan/kept-values.js';
import { kernelBatches } from '../plan/kernel-batches.js';
import { fixedBytes, type MemoryModel } from '../plan/memory.js';
import { readValues } from '../plan/read-values.js';
import { logitWeightsOf } from '../request/logit-weights.js';
import { DEFAULT_BATCH } from '../request/prepare.js';
import { type MovingSite, movingSites } from './derivative-programs.js';
import { StageDerivatives } from './stage-derivatives.js';

export interface DerivativeRequest extends LongTaskOptions {
  /** At the point θ where the derivatives are taken. */
  readonly model: LanguageModel;
  readonly runtime: Runtime;
  readonly examples: readonly EncodedExample[];
  /** Token ids of the label words, in label order. */
  readonly labelWordIds: LabelWordIds;
  /** Vectors v in parameter space; one backward pass serves all. */
  readonly directions: readonly WeightDirection[];
  /** One output, logit₁ − logit₀, instead of one per label; needs two labels. */
  readonly binary?: boolean;
  /** Parameters that move, by Hugging Face name; directions are zero elsewhere. Default: all. */
  readonly parameters?: ParameterFilter;
  /** Examples that run together. Default: 32. */
  readonly batchSize?: number;
  /** Budget in bytes for everything: weights that exceed it are read stage by stage. Default: 4 GiB. */
  readonly memory?: number;
  /** Read the weights stage by stage, or not, whatever the budget. For the same groups, the numbers are the same. */
  readonly streamed?: boolean;
}

export interface DirectionalDerivatives {
  /** f(·; θ), `[n, C]`. */
  readonly logits: NDArray<'float64'>;
  /** ⟨∇f_c(ξ; θ), v⟩ for each direction v, `[n, C]`. */
  readonly derivatives: readonly NDArray<'float64'>[];
}

/**
 * Jacobian-vector products J v of all examples and logits without forward-mode autodiff: the cotangent that each
 * site's output has anyway, against what the site computes with v in place of its parameters (docs/theory.md, Directional derivatives). With
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
  const logitWeights = logitWeightsOf(labelWordIds.length, request.binary);
  const own = model.stages(labelWordIds);
  checkSequences(examples, own, model.config);
  const words = wordRowsOf(examples, model.config);
  const stages = withWordRows(own, words);
  const active = activeIn(stages, request.parameters ?? (() => true), false, false);
  const moving = active.map(movingSites);
  if (moving.every((sites) => sites.length === 0)) throw new NoParametersError([...model.parameters.keys()]);
  const outputs = logitWeights.length;
  const result: DirectionalDerivatives = {
    logits: zeros('float64', [examples.length, outputs]),
    derivatives: request.directions.map(() => zeros('float64', [examples.length, outputs])),
  };
  if (examples.length === 0) return result;
  const { groups, streamed } = planGroups(request, stages, active, outputs);
  const padTo = Math.max(...groups.flatMap(({ batches }) => batches.map(({ length }) => length)));
  // The cotangents of sites take the same values as the factors of their parameters.
  const read = readValues(stages, active, { padTo, firstPosition: firstPosition(model.config) });
  // Whatever fails in between, nothing stays in the runtime.
  const scope = new ResidentScope(request.runtime);
  try {
    const weights = await openStageWeights(scope, model, stages, streamed, request);
    const chain = new StageChain({
      ...{ runtime: scope, stages, weightsOf: (stage) => weights.of(stage), logitWeights },
      signal: request.signal,
      what: 'The derivatives',
    });
    for (const [g, { batches, room }] of groups.entries()) {
      const tokens = batches.reduce((sum, { indices, length }) => sum + indices.length * length, 0);
      const kept = chooseKept({ stages, read }, tokens, room, outputs, usualRates);
      const label = `${g + 1}/${groups.length}`;
      await deriveGroup(chain, request, { kept, moving, words }, batches, result, label);
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

/** Batches that run through all stages together, as many as the budget takes, and whether weights are streamed. */
const planGroups = (
  request: DerivativeRequest,
  stages: readonly Stage[],
  active: readonly ActiveParameters[],
  outputs: number,
): { readonly groups: Group[]; readonly streamed: boolean } => {
  const { model, memory = DEFAULT_MEMORY } = request;
  const streamed = request.streamed ?? exceedsMemory(model, stages, memory);
  const weightBytes = (streamed ? streamedBytesOf : weightBytesOf)(model, stages);
  return { streamed, groups: groupsOf(request, { stages, active, outputs, weightBytes }) };
};

const groupsOf = (
  { model, examples, directions, batchSize = DEFAULT_BATCH, memory = DEFAULT_MEMORY }: DerivativeRequest,
  own: Pick<MemoryModel, 'stages' | 'active' | 'outputs' | 'weightBytes'>,
): Group[] => {
  const { hiddenSize, maxTokens } = model.config;
  const { stages, outputs } = own;
  const lengths = examples.map(({ inputIds }) => inputIds.length);
  const batches = kernelBatches(lengths, batchSize, maxTokens);
  const widest = Math.max(
    ...stages.map(({ weights }) =>
      Object.values(weights).reduce((sum, { shape }) => sum + 4 * shape.reduce((a, b) => a * b, 1), 0),
    ),
  );
  const padTo = Math.max(...batches.map(({ length }) => length));
  const fixed = fixedBytes({ ...own, hiddenSize, maps: sgd, padTo }, batchSize) + widest * directions.length;
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

/** Properties that all groups have in common. */
interface Derived {
  readonly kept: KeptSites;
  readonly moving: readonly (readonly MovingSite[])[];
  readonly words: WordRows;
}

const deriveGroup = async (
  chain: StageChain,
  request: DerivativeRequest,
  { kept, moving, words }: Derived,
  group: PlannedBatches,
  result: DirectionalDerivatives,
  label: string,
): Promise<void> => {
  const { runtime, stages } = chain;
  const { examples, model, onProgress, directions } = request;
  const held: ExampleBatch[] = [];
  try {
    for (const planned of group) held.push(await openBatch(runtime, examples, planned, model.config, words));
    for (const [b, { data, shape }] of (await forwardBatches(chain, held, kept)).entries()) {
      const outputs = shape[1] ?? 0;
      for (const [row, i] of held[b]!.indices.entries())
        result.logits.data.set(data.subarray(row * outputs, (row + 1) * outputs), i * outputs);
    }
    const lowest = moving.findIndex((sites) => sites.length > 0);
    for (let index = stages.length - 1; index >= lowest; index--) {
      const stage = await StageDerivatives.open(chain, index, moving[index]!, directions, held);
      try {
        for (const batch of held) await stage.take(batch, index > lowest, result.derivatives);
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
    releaseBatches(runtime, held);
  }
};
