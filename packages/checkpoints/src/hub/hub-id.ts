import { BadArgumentError } from '@ntk-lens/core';

/** True for `name` or `organization/name`, as the Hub allows them. */
export const isHubId = (name: string): boolean =>
  name.length <= 200 &&
  /^[A-Za-z0-9][A-Za-z0-9_.-]*(\/[A-Za-z0-9][A-Za-z0-9_.-]*)?$/.test(name) &&
  !/--|\.\.|\.git$/.test(name);

/** A branch, tag or commit; `main` where none is given. */
export const checkedRevision = (revision = 'main'): string => {
  const parts = revision.split('/');
  if (revision.length > 200 || !parts.every((part) => /^[A-Za-z0-9_][A-Za-z0-9_.+-]*$/.test(part)))
    throw new BadArgumentError('revision', revision, 'a branch, tag or commit');
  return revision;
};
