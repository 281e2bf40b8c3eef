import type { Lens } from '@ntk-lens/lens';
import type { RunConfig } from '../options/run-config.js';
import { suggestionText } from '../present/suggestion-text.js';
import { completeRun } from '../run/own-data/complete-run.js';
import { askForChanges } from './ask-for-changes.js';
import type { Call, Outcome } from './command.js';
import { programName } from './program-name.js';
import { repeatCommand } from './repeat-command.js';

/** The part of a call that {@link onOwnData} needs. */
type OwnDataCall = Omit<Call<unknown>, 'flags'> & { readonly flags: { readonly yes?: boolean } };

/**
 * Does the work of a command on a run that {@link completeRun} completed. On a terminal the suggestion is shown and accepted or
 * changed first; elsewhere it is taken. The command that repeats the run stands below what was found.
 *
 * @param check refuses what can be refused before a model is looked for
 */
export const onOwnData = async (
  call: OwnDataCall,
  config: RunConfig,
  check: ((config: RunConfig) => void) | undefined,
  work: (config: RunConfig, found: { readonly lens?: Lens }) => Promise<Outcome>,
): Promise<Outcome> => {
  const done = await completeRun(config, { ...call.long, check }, async (completed, { lens, suggestion }) => {
    if (suggestion) {
      call.say(suggestionText(completed, suggestion));
      const { ask, say } = call;
      const answers =
        ask && !call.flags.yes && (await askForChanges({ ask, say }, completed, suggestion, lens));
      if (answers) return { answers };
    }
    const outcome = await work(completed, { lens });
    return suggestion ? withRepeat(outcome, call, completed) : outcome;
  });
  return 'answers' in done ? onOwnData(call, changed(config, done.answers), check, work) : done;
};

const withRepeat = (outcome: Outcome, call: OwnDataCall, config: RunConfig): Outcome => {
  const flags = repeatCommand(call.argv, config, call.command, call.around.env);
  const { directory } = outcome;
  const again =
    flags ??
    (directory && `${programName(call.around.env)} ${call.argv[0]} --config ${directory}/config.json`);
  return {
    ...outcome,
    notes: [...(outcome.notes ?? []), ...(again ? [`the same run again:\n${again}`] : [])],
  };
};

/** A run with answers, which stay when it is completed anew; other columns may have other labels. */
const changed = (config: RunConfig, fields: Partial<RunConfig>): RunConfig => {
  const sources = Object.fromEntries(Object.keys(fields).map((field) => [field, 'answer' as const]));
  return { ...config, ...fields, sources: { ...config.sources, ...sources } };
};
