import { type Flag, flagsOf } from '../options/flags.js';
import { type Command, commandsBelow, type Place } from './command.js';

export type Shell = 'bash' | 'zsh' | 'fish';

/** Everything that a word at some place can begin. */
const candidates = ({ command }: Place): readonly string[] => [
  ...(command.commands ?? []).map(({ name }) => name),
  ...command.options.flatMap(flagsOf).flatMap(({ names }) => names),
  '--help',
];

const flagsAt = ({ command }: Place): readonly Flag[] => command.options.flatMap(flagsOf);

/** A script that completes the commands of the program, their flags, and the values of those that can be listed. */
export const completionScript = (program: Command, shell: Shell): string =>
  shell === 'fish'
    ? fish(commandsBelow(program))
    : `${shell === 'zsh' ? zshStart : ''}${bash(commandsBelow(program))}`;

/** zsh runs completions of bash. */
const zshStart = 'autoload -U +X bashcompinit && bashcompinit\n';

const bash = (places: readonly Place[]): string => {
  const cases = places.map((place) => `    '${place.words}') echo '${candidates(place).join(' ')}' ;;`);
  const values = places.flatMap((place) =>
    flagsAt(place)
      .filter(({ takesText }) => takesText)
      .map(
        ({ names, option }) =>
          `    ${names.map((name) => `'${place.words} ${name}'`).join('|')}) echo '${option.kind.choices?.join(' ') ?? ''}' ;;`,
      ),
  );
  return `# Completion of ntk-lens.
_ntk_lens_words() {
  case "$1" in
${cases.join('\n')}
  esac
}
# Values of a flag; fails for a flag that takes none.
_ntk_lens_values() {
  case "$1" in
${values.join('\n')}
    *) return 1 ;;
  esac
}
_ntk_lens() {
  local current="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" place='' word words next start=''
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    next="\${place:+$place }$word"
    [ -n "$(_ntk_lens_words "$next")" ] && place="$next"
  done
  COMPREPLY=()
  if words="$(_ntk_lens_values "$place $before")"; then
    case "$current" in *,*) start="\${current%,*}," ;; esac
    if [ -n "$words" ]; then
      COMPREPLY=($(compgen -P "$start" -W "$words" -- "\${current##*,}"))
    else
      COMPREPLY=($(compgen -f -- "$current"))
    fi
  else
    COMPREPLY=($(compgen -W "$(_ntk_lens_words "$place")" -- "$current"))
    case "$current" in -*) ;; *) [ \${#COMPREPLY[@]} -eq 0 ] && COMPREPLY=($(compgen -f -- "$current")) ;; esac
  fi
}
complete -o filenames -F _ntk_lens ntk-lens
`;
};

const quoted = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`;

const fish = (places: readonly Place[]): string => {
  const lines = places.flatMap((place) => {
    const { words, command } = place;
    const below = (command.commands ?? []).map(({ name }) => name);
    const here = words === '' ? [] : words.split(' ').map((word) => `__fish_seen_subcommand_from ${word}`);
    const none = below.length > 0 ? [`not __fish_seen_subcommand_from ${below.join(' ')}`] : [];
    const condition = quoted([...here, ...none].join('; and ') || 'true');
    const start = `complete -c ntk-lens -n ${condition}`;
    return [
      ...(command.commands ?? []).map(({ name, summary }) => `${start} -f -a ${name} -d ${quoted(summary)}`),
      ...flagsAt(place).map(({ names, takesText, option, help }) => {
        const forms = names.map((name) =>
          name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`,
        );
        const values =
          option.kind.choices && takesText ? ` -x -a ${quoted(option.kind.choices.join(' '))}` : '';
        return `${start} ${forms.join(' ')}${takesText ? values || ' -r' : ''} -d ${quoted(help)}`;
      }),
    ];
  });
  return `# Completion of ntk-lens.\n${lines.join('\n')}\n`;
};
