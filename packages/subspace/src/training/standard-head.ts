import { BadArgumentError, Mt19937, type NDArray, ndarray, sameShape, sha256 } from '@ntk-lens/core';
import { buildEncoder, defineStage, type LanguageModel, linearSite } from '@ntk-lens/models';

/** A linear classifier of the hidden state that is read out. */
export interface ClassifierHead {
  /** `[C, d]`. */
  readonly weights: NDArray;
  /** `[C]`. */
  readonly bias: NDArray;
}

const WEIGHT = 'classifier.weight';
const BIAS = 'classifier.bias';

interface ClassifierSettings {
  readonly classes: number;
  readonly dropout: number;
}

const classifier = defineStage(({ classes, dropout }: ClassifierSettings, at, _side, x) =>
  at.use('classifier', at.dropout('head', x!, dropout)).reshape([x!.shape[0]!, classes]),
);

/**
 * A classifier as transformers initializes one: normal weights of the model's `initializer_range`, bias 0.
 *
 * @param classes C
 * @param seed seed of the weights
 */
export const randomHead = (model: LanguageModel, classes: number, seed: number): ClassifierHead => {
  const { hiddenSize, initializerRange } = model.config;
  const random = new Mt19937(seed);
  const data = Float32Array.from(
    { length: classes * hiddenSize },
    () => initializerRange * random.standardNormal(),
  );
  return {
    weights: ndarray<'float32'>(data, [classes, hiddenSize]),
    bias: ndarray<'float32'>(new Float32Array(classes), [classes]),
  };
};

/**
 * A model for standard (no-prompt) fine-tuning and kernels: in place of the language-model head, a linear classifier of
 * the hidden state at the example's `position`, the first token (docs/theory.md, Fine-tuning). Its parameters are
 * `classifier.weight` and `classifier.bias`; label word ids only count the classes.
 *
 * @example
 * ```ts
 * const standard = withClassifier(model, randomHead(model, 2, 13));
 * await fineTune({ ...training, model: standard, labelWordIds: [0, 1] });
 * ```
 * @param head see `randomHead`; or a linear probe of frozen features, as the reference starts from
 * @throws BadArgumentError for a head of another width
 */
export const withClassifier = (model: LanguageModel, { weights, bias }: ClassifierHead): LanguageModel => {
  const { hiddenSize, hiddenDropout } = model.config;
  const classes = weights.shape[0] ?? 0;
  if (classes < 1 || !sameShape(weights.shape, [classes, hiddenSize]) || !sameShape(bias.shape, [classes])) {
    throw new BadArgumentError(
      'classifier',
      `shapes [${weights.shape}] and [${bias.shape}]`,
      `[C, ${hiddenSize}] and [C]`,
    );
  }
  const head = classifier({
    name: 'head',
    settings: { classes, dropout: hiddenDropout },
    sites: [linearSite('classifier', 'classifier', hiddenSize, classes)],
  });
  // GPT-2's last norm is a part of its head; other encoders end with a layer.
  const final = buildEncoder(model.config).filter(({ name }) => name === 'final');
  const stages = [...model.stages([0]).slice(0, -1), ...final, head];
  const parameters = new Map(
    stages.flatMap((stage) => Object.values(stage.weights)).map(({ name, shape }) => [name, shape]),
  );
  const own = new Map([
    [WEIGHT, weights],
    [BIAS, bias],
  ]);
  const asFloat32 = ({ data, shape }: NDArray) => ndarray<'float32'>(Float32Array.from(data), shape);
  let hash: Promise<string> | undefined;
  const hashOf = async (): Promise<string> => {
    const sum = sha256().update(await model.hash());
    for (const array of own.values()) sum.update(asFloat32(array).data);
    return sum.hex();
  };
  return {
    config: model.config,
    parameters,
    stages: () => stages,
    read: async (name, options) => {
      const array = own.get(name);
      return array ? asFloat32(array) : model.read(name, options);
    },
    storedName: (name) => (own.has(name) ? name : model.storedName(name)),
    storedBytes: (name) => (own.has(name) ? undefined : model.storedBytes?.(name)),
    hash: () => (hash ??= hashOf()),
    close: () => model.close(),
  };
};
