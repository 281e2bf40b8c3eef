import { type Flag, flagsOf } from '../options/flags.js';
import type { Kind } from '../options/kinds.js';
import { type Command, commandsBelow } from './command.js';

export type Shell = 'bash' | 'zsh' | 'fish';

/** The completions of a value: names that are known, and files if there can be any. */
interface Values {
  readonly names: readonly string[];
  readonly files: boolean;
}

/** A command with the words that lead to it, its flags, and their values and its own. */
interface Place {
  readonly words: string;
  readonly command: Command;
  readonly flags: readonly (Flag & { readonly values: Values })[];
  readonly args: Values;
}

/** @param placeholder as the help writes it: `<dir|id>` */
const valuesOf = async (
  kind: Pick<Kind<unknown>, 'choices' | 'names'> | undefined,
  placeholder: string,
): Promise<Values> => ({
  names: kind?.choices ?? (await kind?.names?.()) ?? [],
  files: /[<[|](dir|file|path)\b/.test(placeholder),
});

const placesOf = (program: Command): Promise<readonly Place[]> =>
  Promise.all(
    commandsBelow(program).map(async ({ words, command }) => {
      const flags = command.options.flatMap(flagsOf).map(async (flag) => {
        const values = await valuesOf(flag.option.kind, flag.flags);
        return { ...flag, values };
      });
      const [placeholder = '', , kind] = command.args ?? [];
      return { words, command, flags: await Promise.all(flags), args: await valuesOf(kind, placeholder) };
    }),
  );

/**
 * A script that completes the commands of the program, their flags, and names of tasks, models, runtimes, formulas, spaces,
 * solvers and all else that can be listed.
 */
export const completionScript = async (program: Command, shell: Shell): Promise<string> => {
  const places = await placesOf(program);
  return shell === 'fish' ? fish(places) : `${shell === 'zsh' ? zshStart : ''}${bash(places)}`;
};

/** zsh runs completions of bash. */
const zshStart = 'autoload -U +X bashcompinit && bashcompinit\n';

/** Everything that a word at some place can begin. */
const candidates = ({ command, flags, args }: Place): readonly string[] => [
  ...(command.commands ?? []).map(({ name }) => name),
  ...args.names,
  ...flags.flatMap(({ names }) => names),
  '--help',
];

const bash = (places: readonly Place[]): string => {
  const cases = places.map((place) => `    '${place.words}') echo '${candidates(place).join(' ')}' ;;`);
  const values = places.flatMap(({ words, flags }) =>
    flags
      .filter(({ takesText }) => takesText)
      .map(
        ({ names, values }) =>
          `    ${names.map((name) => `'${words} ${name}'`).join('|')}) echo '${[values.files ? '/' : '', ...values.names].join(' ')}' ;;`,
      ),
  );
  return `# Completion of ntk-lens.
_ntk_lens_words() {
  case "$1" in
${cases.join('\n')}
  esac
}
# Values of a flag, after / where files are values, too; fails for a flag that takes none.
_ntk_lens_values() {
  case "$1" in
${values.join('\n')}
    *) return 1 ;;
  esac
}
# Those of some words that begin like a text, after a start. In zsh compgen gives all of them.
_ntk_lens_begin() {
  local word
  for word in $1; do
    case "$word" in "$2"*) echo "$3$word" ;; esac
  done
}
_ntk_lens() {
  local current="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" place='' word words next start=''
  for word in "\${COMP_WORDS[@]:1:$((COMP_CWORD-1))}"; do
    next="\${place:+$place }$word"
    [ -n "$(_ntk_lens_words "$next")" ] && place="$next"
  done
  COMPREPLY=()
  if words="$(_ntk_lens_values "$place $before")"; then
    case "$words" in /*) words="\${words#/}"; COMPREPLY=($(compgen -f -- "$current")) ;; esac
    case "$current" in *,*) start="\${current%,*}," ;; esac
    COMPREPLY+=($(_ntk_lens_begin "$words" "\${current##*,}" "$start"))
  else
    COMPREPLY=($(_ntk_lens_begin "$(_ntk_lens_words "$place")" "$current"))
    case "$current" in -*) ;; *) [ \${#COMPREPLY[@]} -eq 0 ] && COMPREPLY=($(compgen -f -- "$current")) ;; esac
  fi
}
complete -o filenames -F _ntk_lens ntk-lens
`;
};

const quoted = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`;

/** Completion of a value in fish, which offers files unless -x says that they are none. */
const fishValues = ({ names, files }: Values): string =>
  `${files ? ' -r' : ' -x'}${names.length > 0 ? ` -a ${quoted(names.join(' '))}` : ''}`;

const fish = (places: readonly Place[]): string => {
  const lines = places.flatMap(({ words, command, flags, args }) => {
    const below = (command.commands ?? []).map(({ name }) => name);
    const here = words === '' ? [] : words.split(' ').map((word) => `__fish_seen_subcommand_from ${word}`);
    const none = below.length > 0 ? [`not __fish_seen_subcommand_from ${below.join(' ')}`] : [];
    const condition = quoted([...here, ...none].join('; and ') || 'true');
    const start = `complete -c ntk-lens -n ${condition}`;
    return [
      ...(command.commands ?? []).map(({ name, summary }) => `${start} -f -a ${name} -d ${quoted(summary)}`),
      ...(args.names.length > 0
        ? [`${start}${args.files ? '' : ' -f'} -a ${quoted(args.names.join(' '))}`]
        : []),
      ...flags.map(({ names, takesText, values, help }) => {
        const forms = names.map((name) =>
          name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`,
        );
        return `${start} ${forms.join(' ')}${takesText ? fishValues(values) : ''} -d ${quoted(help)}`;
      }),
    ];
  });
  return `# Completion of ntk-lens.\n${lines.join('\n')}\n`;
};
