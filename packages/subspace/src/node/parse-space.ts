import { parseAmong, spaceSyntaxes as portable } from '../parse-space.js';
import type { ParameterSpace } from '../space.js';
import type { SpaceSyntax } from '../syntax/space-syntax.js';
import { adapterSyntax } from './peft/adapter-space.js';

/** Every space that can be written as text. */
export const spaceSyntaxes: readonly SpaceSyntax[] = [...portable, adapterSyntax];

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
