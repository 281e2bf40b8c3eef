import type { LoadedModel, OpenedModel } from './opened-model.js';

/** An opened model whose weights and runtime serve everybody who loads it, until it is closed. */
export interface SharedModel {
  readonly opened: OpenedModel;
  close(): Promise<void>;
}

/** Lets several experiments run on one loaded model: weights are hashed and programs compiled once for all. */
export const shareModel = (opened: OpenedModel): SharedModel => {
  let loaded: Promise<LoadedModel> | undefined;
  return {
    opened: {
      ...opened,
      load: async () => {
        loaded ??= opened.load();
        return { ...(await loaded), close: async () => {} };
      },
    },
    close: async () => {
      const model = await loaded?.catch(() => undefined);
      await model?.close();
    },
  };
};
