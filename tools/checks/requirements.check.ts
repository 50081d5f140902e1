/** Fails when a requirement that the product claims is cited by no test title, or a test cites one it does not claim. */
import { globSync, readFileSync } from 'node:fs';
import { REQUIREMENTS } from './requirements.ts';

const TITLE =
  /\b(?:describe|it|test)(?:\.each\([^)]*\))?\(\s*(?:'((?:[^'\\]|\\.)*)'|`((?:[^`\\]|\\.)*)`|"((?:[^"\\]|\\.)*)")/g;
const ID = /\b(?:AS|RS|CL)-\d{2,3}\b/g;

const cited = new Map<string, string>();
for (const file of globSync('{apps,libs,tools}/**/*.{spec,e2e-spec,contract}.{ts,tsx}', {
  exclude: ['**/node_modules/**'],
})) {
  for (const [, single, template, double] of readFileSync(file, 'utf8').matchAll(TITLE)) {
    for (const [id] of (single ?? template ?? double ?? '').matchAll(ID)) cited.set(id, file);
  }
}

const claimed = Object.entries(REQUIREMENTS)
  .filter(([, [, state]]) => state === 'now')
  .map(([id]) => id);
const problems = [
  ...claimed
    .filter((id) => !cited.has(id))
    .map((id) => `${id} (${REQUIREMENTS[id]?.[0] ?? ''}) is claimed, but no test title cites it`),
  ...[...cited]
    .filter(([id]) => !claimed.includes(id))
    .map(([id, file]) => `${id} is cited by ${file}, but the manifest does not claim it`),
];
for (const problem of problems) console.error(problem);
console.log(`requirements: ${claimed.length} claimed, ${claimed.filter((id) => cited.has(id)).length} cited by tests`);
process.exitCode = problems.length > 0 ? 1 : 0;
