/** The types of values that an option may have. */
interface Kinds {
  readonly flag: boolean;
  readonly text: string;
  /** Several, separated by commas. */
  readonly names: readonly string[];
  /** A whole number of at least `least`. */
  readonly count: number;
  readonly number: number;
  /** A file that exists, absolute. */
  readonly file: string;
  /** A folder that exists, absolute. */
  readonly folder: string;
  /** A place that is written, absolute. */
  readonly place: string;
}
export type Kind = keyof Kinds;

/** The value that an option of a bench takes, and its meaning; its name is its key in the bench's options. */
export interface OptionDefinition {
  readonly kind: Kind;
  readonly meaning: string;
  readonly default?: Kinds[Kind];
  /** Stands for the default in the help, where that depends on the machine. */
  readonly shown?: string;
  readonly required?: true;
  /** The values of a text or of names. */
  readonly choices?: readonly string[];
  /** The least count or number; where it is left out, a count is at least 1 and a number above 0. */
  readonly least?: number;
  /** For processes that a bench starts; the help does not name it. */
  readonly internal?: true;
}

export type OptionDefinitions = Readonly<Record<string, OptionDefinition>>;

type Chosen<D extends OptionDefinition> = D['choices'] extends readonly (infer C)[]
  ? D['kind'] extends 'names'
    ? readonly C[]
    : C
  : Kinds[D['kind']];

/** The value of an option; undefined where it is left out and has no default. */
export type ValueOf<D extends OptionDefinition> = D extends
  | { readonly kind: 'flag' }
  | { readonly required: true }
  | { readonly default: Kinds[Kind] }
  ? Chosen<D>
  : Chosen<D> | undefined;

export type ValuesOf<D extends OptionDefinitions> = { readonly [K in keyof D]: ValueOf<D[K]> };
