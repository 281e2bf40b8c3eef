import { NtkLensError } from '@ntk-lens/core';

/** An address that no store can have. */
export class StoreAddressError extends NtkLensError {
  static readonly code = 'STORE_ADDRESS';
  constructor(found: string) {
    super(
      StoreAddressError.code,
      'input',
      `The address of the store: found ${JSON.stringify(found)}, expected s3://bucket/prefix. Give the address of the server in its own option, or in AWS_ENDPOINT_URL.`,
    );
  }
}

/** The library that talks to stores is not installed. */
export class MissingSdkError extends NtkLensError {
  static readonly code = 'MISSING_SDK';
  constructor(name: string, options?: { cause?: unknown }) {
    super(
      MissingSdkError.code,
      'input',
      `A store needs the package ${name}, which was not found. Install it next to @ntk-lens/queue: npm install ${name}`,
      options,
    );
  }
}

/** A store that does not do what it is asked for. */
export class StoreError extends NtkLensError {
  static readonly code = 'STORE_FAILED';
  constructor(what: string, found: string, options?: { cause?: unknown }) {
    super(
      StoreError.code,
      'failure',
      `${what}: found "${found}", expected a store that answers. Check the address, the server (AWS_ENDPOINT_URL) and the credentials (such as AWS_ACCESS_KEY_ID), and start again. Uploaded files are kept.`,
      options,
    );
  }
}

/** A place of a store in which no work was planned. */
export class NoStoredPlanError extends NtkLensError {
  static readonly code = 'NO_STORED_PLAN';
  constructor(shown: string) {
    super(
      NoStoredPlanError.code,
      'input',
      `${shown} has no plan.json, expected a place to which work was uploaded. Upload it with "ntk-lens enqueue --store", or name another place.`,
    );
  }
}

/** A place of a store that has other work. */
export class OtherStoredPlanError extends NtkLensError {
  static readonly code = 'OTHER_STORED_PLAN';
  constructor(shown: string, found: string, expected: string) {
    super(
      OtherStoredPlanError.code,
      'input',
      `${shown} holds the plan of other work: its manifest has the hash ${found}, expected ${expected}. Name another place for this work.`,
    );
  }
}
