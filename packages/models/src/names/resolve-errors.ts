import { NtkLensError } from '@ntk-lens/core';

const most = 20;

/** Weights that the architecture needs and the files do not have; all of them are listed. */
export class MissingWeightsError extends NtkLensError {
  static readonly code = 'MISSING_WEIGHTS';
  /** @param hint a sentence, in place of the advice to compare config.json and weights */
  constructor(
    readonly missing: readonly string[],
    present: readonly string[],
    hint?: string,
  ) {
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

/** A stored tensor and the shape that it should have. */
export interface WrongShape {
  readonly name: string;
  readonly found: readonly number[];
  readonly expected: readonly number[];
}

/** Weights of another shape than config.json says. */
export class WeightShapeError extends NtkLensError {
  static readonly code = 'WEIGHT_SHAPE';
  /** @param reason a sentence */
  constructor(
    readonly wrong: readonly WrongShape[],
    reason?: string,
  ) {
    const lines = wrong.slice(0, most).map((w) => `"${w.name}" is [${w.found}], expected [${w.expected}]`);
    const rest = wrong.length > most ? `; and ${wrong.length - most} more` : '';
    super(
      WeightShapeError.code,
      'input',
      `Weights do not fit config.json: ${lines.join('; ')}${rest}. ${reason ? `${reason} ` : ''}Use the config.json that was saved with them.`,
    );
  }
}

/** Weights of layers that config.json does not have; all other weights fit. */
export class UnusedLayersError extends NtkLensError {
  static readonly code = 'UNUSED_LAYERS';
  /** @param reason a sentence */
  constructor(unused: readonly string[], reason?: string) {
    super(
      UnusedLayersError.code,
      'input',
      `The weight files hold ${unused.length} tensor(s) of layers that config.json does not have, "${unused[0]}" among them; expected layers of the model only. ${
        reason ? `${reason} ` : ''
      }Use the config.json that was saved with them, or save the model again with the layers that are meant.`,
    );
  }
}
