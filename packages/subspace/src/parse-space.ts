import { UnknownSpaceError } from './errors.js';
import type { ParameterSpace } from './space.js';
import { bitfitSyntax } from './spaces/bitfit.js';
import { fullSyntax } from './spaces/full.js';
import { headSyntax } from './spaces/head.js';
import { ia3Syntax } from './spaces/ia3.js';
import { intrinsicSyntax } from './spaces/intrinsic.js';
import { loraSyntax } from './spaces/lora.js';
import { prefixSyntax } from './spaces/prefix.js';
import { promptSyntax } from './spaces/prompt-tuning.js';
import { SpaceArguments } from './syntax/space-arguments.js';
import type { SpaceSyntax } from './syntax/space-syntax.js';

/** Every space that can be written as text; in Node also `adapter:DIR`. */
export const spaceSyntaxes: readonly SpaceSyntax[] = [
  fullSyntax,
  headSyntax,
  bitfitSyntax,
  loraSyntax,
  ia3Syntax,
  prefixSyntax,
  promptSyntax,
  intrinsicSyntax,
];

/** Reads a parameter space that one of the syntaxes knows. */
export const parseAmong = (syntaxes: readonly SpaceSyntax[], spec: string): ParameterSpace => {
  const name = spec.split(':', 1)[0]!;
  const syntax = syntaxes.find((candidate) => candidate.name === name);
  if (!syntax)
    throw new UnknownSpaceError(
      name,
      syntaxes.map(({ usage }) => usage),
      syntaxes.map((each) => each.name),
    );
  const args = new SpaceArguments(spec, syntax.usage, syntax.first);
  const space = syntax.parse(args);
  args.done();
  return space;
};

/**
 * Reads a parameter space as the command line writes it.
 *
 * @example
 * ```ts
 * parseSpace('lora:r=8,targets=query+value').spec; // 'lora:r=8,alpha=16,targets=query+value'
 * ```
 * @throws UnknownSpaceError, which lists the spaces; SpaceSpecError for arguments that do not fit
 */
export const parseSpace = (spec: string): ParameterSpace => parseAmong(spaceSyntaxes, spec);
