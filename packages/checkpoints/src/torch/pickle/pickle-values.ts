import type { StoredDType } from '../../source/weight-source.js';

/** A tensor's bytes, named by a pickle's persistent id; they lie outside the pickle. */
export class StorageRef {
  constructor(
    readonly key: string,
    readonly dtype: StoredDType,
    readonly elements: number,
  ) {}
}

/** A view into a storage, checked to lie inside it; strides count elements. */
export class TensorRef {
  constructor(
    readonly storage: StorageRef,
    readonly offset: number,
    readonly shape: readonly number[],
    readonly strides: readonly number[],
  ) {}
}

/** An allow-listed global; only its name is known, there is nothing to call. */
export class GlobalRef {
  constructor(readonly name: string) {}
}

export class PyTuple {
  constructor(readonly items: readonly PickleValue[]) {}
}
export class PyList {
  readonly items: PickleValue[] = [];
}
export type PyKey = string | number | bigint | boolean | null;
export class PyDict {
  readonly entries = new Map<PyKey, PickleValue>();
}

/** A value that a restricted pickle can build. */
export type PickleValue = PyKey | PyTuple | PyList | PyDict | TensorRef | StorageRef | GlobalRef;
