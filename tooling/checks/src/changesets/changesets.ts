import { root } from '../root.js';
import { changesetProblems } from './check-changesets.js';

// Prints what is wrong with the changesets, and fails if anything is. An argument is the commit to compare with.

const problems = changesetProblems(root, process.argv[2]);
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
