import { NtkLensError } from '@ntk-lens/core';

const most = 20;

/** Weights that the architecture needs and the files do not have; all of them are listed. */
export class MissingWeightsError extends NtkLensError {
  static readonly code = 'MISSING_WEIGHTS';
  constructor(missing: readonly string[], present: readonly string[], hint?: string) {
    const has = `${present.slice(0, 8).join(', ')}${present.length > 8 ? `, … (${present.length})` : ''}`;
    super(
      MissingWeightsError.code,
      'input',
      `The weight files lack ${missing.length} tensor(s): ${missing.join(', ')}. They have ${has || 'none'}. ${
        hint ?? 'Check that config.json and the weights belong to the same model.'
      }`,
    );
  }
}

/** Weights of another shape than config.json says. */
export class WeightShapeError extends NtkLensError {
  static readonly code = 'WEIGHT_SHAPE';
  constructor(
    wrong: readonly {
      readonly name: string;
      readonly found: readonly number[];
      readonly expected: readonly number[];
    }[],
  ) {
    const lines = wrong.slice(0, most).map((w) => `"${w.name}" is [${w.found}], expected [${w.expected}]`);
    const rest = wrong.length > most ? `; and ${wrong.length - most} more` : '';
    super(
      WeightShapeError.code,
      'input',
      `Weights do not fit config.json: ${lines.join('; ')}${rest}. Use the config.json that was saved with them.`,
    );
  }
}

/** One tensor of the model is stored under two names, and the two differ. */
export class DifferentCopiesError extends NtkLensError {
  static readonly code = 'DIFFERENT_COPIES';
  constructor(first: string, second: string) {
    super(
      DifferentCopiesError.code,
      'input',
      `The weight files hold "${first}" and "${second}" with different numbers, expected copies of one tensor. Delete the wrong one; if both are meant, set "tie_word_embeddings": false in config.json.`,
    );
  }
}
