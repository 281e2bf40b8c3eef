/** Operations that treat every element by itself, by their tfjs names. */
export const elementwise: ReadonlySet<string> = new Set([
  ...['Add', 'Sub', 'Multiply', 'RealDiv', 'Maximum', 'Minimum', 'Pow', 'SquaredDifference', 'FloorDiv'],
  ...['Equal', 'NotEqual', 'Greater', 'GreaterEqual', 'Less', 'LessEqual', 'LogicalAnd', 'LogicalOr'],
  ...['Neg', 'Exp', 'Log', 'Log1p', 'Expm1', 'Sqrt', 'Rsqrt', 'Square', 'Tanh', 'Erf', 'Sigmoid', 'Relu'],
  ...['Abs', 'Sign', 'Reciprocal', 'Softplus', 'Sin', 'Cos', 'Floor', 'Ceil', 'Round'],
  ...['LogicalNot', 'Step', 'ClipByValue', 'Cast', 'Select', 'NtkSign'],
]);

/** Elementwise operations that are linear in a matrix. */
export const linear: ReadonlySet<string> = new Set(['Add', 'Sub', 'Neg', 'Cast']);

/** Operations that move elements without computing with them. */
export const structural: ReadonlySet<string> = new Set([
  ...['Reshape', 'Transpose', 'Tile', 'BroadcastTo', 'Slice', 'PadV2', 'Concat', 'Reverse'],
]);
