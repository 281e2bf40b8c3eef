/** Name by which the program was started: npm says which of its scripts runs. */
export const programName = ({ npm_lifecycle_event: script }: NodeJS.ProcessEnv): string => {
  if (script === 'npx') return 'npx ntk-lens';
  return script === 'demo' || script === 'ntk-lens' ? 'npx -y pnpm ntk-lens' : 'ntk-lens';
};
