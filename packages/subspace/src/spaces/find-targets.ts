import { matchParameters } from '@ntk-lens/kernels';
import { type LanguageModel, type LinearSite, linearSites } from '@ntk-lens/models';
import { NoTargetsError } from '../errors.js';
import { moduleOf, moduleSizes } from './modules.js';

/** A use of a linear module that a space can change. */
export interface LinearTarget {
  readonly stage: string;
  readonly site: LinearSite;
  /** Checkpoint name of the module: the weight's name without `.weight`. */
  readonly module: string;
  /** Size of the module as a whole. */
  readonly inSize: number;
  readonly outSize: number;
}

/** All linear sites of a model. */
export const linearTargets = (model: LanguageModel): LinearTarget[] =>
  model.stages([0]).flatMap((stage) =>
    linearSites(stage.sites).map((site) => ({
      stage: stage.name,
      site,
      module: moduleOf(site),
      ...moduleSizes(site),
    })),
  );

/** True when a target names a site (`query`), a module or the end of its name, or is a glob of modules. */
const matches = (target: string, { site, module }: LinearTarget): boolean =>
  target.includes('*')
    ? matchParameters({ include: [target] })(module)
    : target === site.name || target === module || module.endsWith(`.${target}`);

/**
 * The linear sites that targets name: site names (`query`, `value`, `intermediate`), ends of module names as
 * PEFT takes them (`attention.self.query`, `c_attn`), whole names, or globs (`*.layer.0.*`).
 *
 * @throws NoTargetsError, with the candidates, if any target matches nothing
 */
export const findTargets = (model: LanguageModel, targets: readonly string[]): LinearTarget[] => {
  const all = linearTargets(model);
  const idle = targets.filter((target) => !all.some((site) => matches(target, site)));
  if (idle.length > 0 || targets.length === 0) {
    const names = all.flatMap(({ site, module }) => [site.name, module]);
    throw new NoTargetsError(
      idle,
      [...new Set(names)].sort((a, b) => a.length - b.length || (a < b ? -1 : 1)),
    );
  }
  return all.filter((site) => targets.some((target) => matches(target, site)));
};
