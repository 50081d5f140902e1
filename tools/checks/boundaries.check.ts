/**
 * Proves that the map of docs/architecture.md is law: forbidden imports, put into real files under the real
 * configuration and the real project graph, are refused for the reason expected, and allowed ones pass. Without it, a
 * graph that is missing or a tag that is misspelt would let everything through in silence.
 */
import { execFileSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

interface Trial {
  /** A file that exists; what is in it is replaced for the trial only, in memory. */
  readonly file: string;
  readonly code: string;
}
interface Refusal extends Trial {
  readonly rule: string;
  /** Part of the message: the constraint that must have bitten, not just any. */
  readonly because: string;
}

const BOUNDARIES = '@nx/enforce-module-boundaries';
const lib = (name: string): string => `libs/${name}/src/index.ts`;
const importing = (what: string): string => `import * as it from '${what}';\nexport const all: unknown = it;\n`;
const tagged = (file: string, what: string, tag: string): Refusal => ({
  file,
  code: importing(what),
  rule: BOUNDARIES,
  because: `tagged with "${tag}"`,
});

process.chdir(fileURLToPath(new URL('../..', import.meta.url)));
const [coreSpec = ''] = globSync('libs/identity/src/**/*.spec.ts').sort();
const [resourceServer = ''] = globSync('apps/resource-server/src/main.ts');
const [authServer = ''] = globSync('apps/auth-server/src/main.ts');

const REFUSED: readonly Refusal[] = [
  tagged(lib('identity'), '@gatehouse/jobs', 'layer:core'),
  tagged(lib('identity'), '@gatehouse/authorization-server', 'layer:core'),
  tagged(coreSpec, '@gatehouse/test-kit', 'layer:core'),
  tagged(lib('authorization-server'), 'pg', 'layer:core'),
  tagged(lib('authorization-server'), 'typeorm', 'layer:core'),
  tagged(lib('token-validation'), '@nestjs/common', 'layer:core'),
  tagged(lib('audit'), '@gatehouse/token-validation', 'layer:vocabulary'),
  tagged(lib('protocol'), 'rxjs', 'layer:vocabulary'),
  tagged(lib('pages'), '@gatehouse/jobs', 'layer:platform'),
  tagged(lib('jobs'), '@gatehouse/resource-kit', 'layer:adapter'),
  tagged(lib('jobs'), '@gatehouse/test-kit', 'layer:adapter'),
  tagged(authServer, '@gatehouse/test-kit', 'layer:app'),
  tagged(lib('resource-kit'), '@gatehouse/authorization-server', 'side:rs'),
  tagged(resourceServer, '@gatehouse/persistence', 'side:rs'),
  {
    file: lib('server-kit'),
    code: importing('../../persistence/src/index.js'),
    rule: BOUNDARIES,
    because: 'relative or absolute path',
  },
  {
    file: lib('persistence'),
    code: importing('@gatehouse/authorization-server/testing'),
    rule: 'no-restricted-imports',
    because: 'for specs',
  },
  {
    file: lib('authorization-server'),
    code: 'export const now = Date.now();\n',
    rule: 'no-restricted-syntax',
    because: 'Clock port',
  },
  {
    file: lib('persistence'),
    code: "export const url = process.env['DATABASE_URL'];\n",
    rule: 'no-restricted-syntax',
    because: 'config.ts only',
  },
];

const ALLOWED: readonly Trial[] = [
  { file: lib('identity'), code: importing('@gatehouse/protocol') },
  { file: lib('identity'), code: importing('node:crypto') },
  { file: lib('authorization-server'), code: importing('jose') },
  { file: lib('persistence'), code: importing('@gatehouse/authorization-server') },
  { file: lib('persistence'), code: importing('pg') },
  { file: lib('server-kit'), code: importing('@gatehouse/persistence') },
  { file: coreSpec, code: importing('@gatehouse/identity/testing') },
  { file: resourceServer, code: importing('@gatehouse/resource-kit') },
];

// The rule reads the graph that the last nx command left behind.
execFileSync(process.execPath, ['node_modules/nx/dist/bin/nx.js', 'show', 'projects'], {
  stdio: ['ignore', 'ignore', 'inherit'],
  env: { ...process.env, NX_DAEMON: 'false' },
});
// Under CI, typescript-eslint reads each file from the disk once, and would never see what a trial puts in it.
process.env['TSESTREE_SINGLE_RUN'] = 'false';
// Loaded after that, for the plugin reads the graph when it is loaded.
const { ESLint } = await import('eslint');
const eslint = new ESLint();

async function objections({ file, code }: Trial): Promise<readonly { rule: string; message: string }[]> {
  if (file === '') return [{ rule: 'missing file', message: 'a file that this check relies on is gone' }];
  const [result] = await eslint.lintText(code, { filePath: file });
  return (result?.messages ?? []).map(({ ruleId, message }) => ({ rule: ruleId ?? 'parser', message }));
}

const problems: string[] = [];
const told = ({ file, code }: Trial): string => `${file}: ${code.split('\n')[0] ?? ''}`;
const RULES = new Set([BOUNDARIES, 'no-restricted-imports', 'no-restricted-syntax', 'parser', 'missing file']);

for (const trial of REFUSED) {
  const found = await objections(trial);
  if (!found.some(({ rule, message }) => rule === trial.rule && message.includes(trial.because)))
    problems.push(
      `not refused by ${trial.rule} (${trial.because}): ${told(trial)}\n  ${found.map(({ rule, message }) => `${rule}: ${message}`).join('\n  ')}`,
    );
}
for (const trial of ALLOWED) {
  const found = (await objections(trial)).filter(({ rule }) => RULES.has(rule));
  if (found.length > 0) problems.push(`refused: ${told(trial)}\n  ${found.map(({ message }) => message).join('\n  ')}`);
}

for (const problem of problems) console.error(problem);
console.log(
  `boundaries: ${REFUSED.length} forbidden imports and ${ALLOWED.length} allowed ones tried, ${problems.length} problems`,
);
process.exitCode = problems.length > 0 ? 1 : 0;
