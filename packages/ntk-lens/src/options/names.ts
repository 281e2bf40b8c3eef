import { runtimeNames } from '@ntk-lens/engine/runtime-names';
import { type Kind, oneOf, spaces, text } from './kinds.js';

/** A task: a name, or an alias. */
export const taskName: Kind<string> = {
  ...text,
  names: async () => (await import('@ntk-lens/tasks')).tasks.map(({ name }) => name),
};

/** A model: the embedded one, one of the Hub, or a directory. Those of the Hub that are in its cache are offered. */
export const modelName: Kind<string> = {
  ...text,
  path: 'if there',
  names: async () => {
    const { embeddedName } = await import('@ntk-lens/lens/defaults');
    const { cachedModelList } = await import('@ntk-lens/checkpoints');
    const whole = (await cachedModelList()).filter(({ missing }) => missing === undefined);
    return [embeddedName, ...whole.map(({ id }) => id)];
  },
};

/** A runtime of this program, whether it works here or not. */
export const runtimeName: Kind<string> = oneOf<string>(['auto', ...runtimeNames]);

const spaceNames = async (): Promise<readonly string[]> =>
  (await import('@ntk-lens/subspace/space-names')).spaceNames;

/** A parameter space, in the language of parseSpace. */
export const spaceName: Kind<string> = { ...text, names: spaceNames };

/** Several of them. */
export const spaceList: Kind<string[]> = { ...spaces, names: spaceNames };
