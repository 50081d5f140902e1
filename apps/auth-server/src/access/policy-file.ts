import { declaredPolicy, type DeclaredPolicy } from '@gatehouse/authorization-server';
import { normaliseUsername } from '@gatehouse/identity';
import type { z } from 'zod';
import { UnusablePolicy } from './unusable-policy.js';

/**
 * The rules of a file, with usernames in the form that accounts have them.
 * @throws UnusablePolicy with every problem
 */
export function parsePolicyFile(text: string): DeclaredPolicy {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new UnusablePolicy('The file is not JSON.');
  }
  const result = declaredPolicy.safeParse(json);
  if (!result.success) throw new UnusablePolicy(`The file is not usable:\n${problemsOf(result.error, json)}`);
  const rules = result.data.rules.map((rule) => ({
    ...rule,
    ...(rule.accounts ? { accounts: rule.accounts.map((name) => normaliseUsername(name) ?? name) } : {}),
  }));
  return { rules };
}

function problemsOf({ issues }: z.ZodError, json: unknown): string {
  return issues.map(({ path, message }) => `${placeOf(path, json)}: ${message}`).join('\n');
}

/** With the id of the rule, where one stands there: nobody counts to the seventeenth entry. */
function placeOf(path: readonly PropertyKey[], json: unknown): string {
  const [list, index, ...rest] = path;
  if (list !== 'rules' || typeof index !== 'number') return path.map(String).join('.') || 'file';
  const entry = (json as { readonly rules?: readonly unknown[] }).rules?.[index];
  const id = typeof entry === 'object' && entry !== null && 'id' in entry ? entry.id : undefined;
  const name = typeof id === 'string' ? id.slice(0, 100) : `rule ${String(index + 1)}`;
  return [name, ...rest.map(String)].join(': ');
}
