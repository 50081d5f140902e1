import type { ClientId, ResourceIdentifier } from '@gatehouse/protocol';
import { isScopeToken } from '@gatehouse/scopes';
import { z } from 'zod';
import { isOwnResource } from '../resources/own-resources.js';
import type { ProtectedResource } from '../resources/protected-resource.js';
import { type AccessRule, CLIENT_TRUSTS, isGroupName } from './access-rule.js';

/*
 * The policy as an operator declares it. A rule that restricts nobody must say so: a forgotten member must cost somebody
 * access, never give it to everybody.
 */

const names = (what: z.ZodString) => z.array(what.max(2000)).min(1).max(1000);

const declaredRule = z
  .strictObject({
    id: z
      .string()
      .regex(/^[a-z0-9][a-z0-9._-]{0,99}$/, 'must be lower case letters, digits, dots, underscores, hyphens'),
    resource: z.string().min(1).max(2000),
    scopes: z.array(z.string().refine(isScopeToken, 'must be one scope')).min(1).max(100),
    groups: z
      .array(z.string().refine(isGroupName, 'must be the name of a provider, a slash and a group, or local/<name>'))
      .min(1)
      .max(1000)
      .optional(),
    /** Usernames. */
    accounts: names(z.string().min(1)).optional(),
    everybody: z.literal(true).optional(),
    clients: names(z.string().min(1)).optional(),
    client_trust: z.enum(CLIENT_TRUSTS).default('any'),
  })
  .superRefine(({ groups, accounts, everybody }, context) => {
    const restricted = groups !== undefined || accounts !== undefined;
    if (!restricted && everybody === undefined)
      context.addIssue({ code: 'custom', message: 'needs groups or accounts, or "everybody": true' });
    if (restricted && everybody !== undefined)
      context.addIssue({ code: 'custom', message: 'is for everybody or for some, not both' });
  });

/** How many rules there may be: each grant is compared with those of its resource. */
export const MOST_RULES = 1000;

export const declaredPolicy = z
  .strictObject({ rules: z.array(declaredRule).max(MOST_RULES) })
  .superRefine(({ rules }, context) => {
    const ids = rules.map(({ id }) => id);
    for (const id of new Set(ids.filter((each, index) => ids.indexOf(each) !== index)))
      context.addIssue({ code: 'custom', message: `${id} is declared twice` });
  });

export type DeclaredRule = z.output<typeof declaredRule>;
export type DeclaredPolicy = z.output<typeof declaredPolicy>;

/** A rule without what only the database knows: accounts by id. */
export function ruleOf(declared: DeclaredRule): Omit<AccessRule, 'accounts'> {
  const { id, resource, scopes, groups, clients, client_trust: clientTrust } = declared;
  return {
    id,
    resource: resource as ResourceIdentifier,
    scopes: inOrder(scopes),
    ...(groups ? { groups: inOrder(groups) } : {}),
    ...(clients ? { clients: inOrder(clients) as ClientId[] } : {}),
    clientTrust,
  };
}

/** What no resource has published. A misspelt right would be a right that nobody has. */
export function unpublished(
  { id, resource, scopes, everybody }: DeclaredRule,
  published: readonly ProtectedResource[],
): readonly string[] {
  const known = published.find(({ identifier }) => identifier === resource);
  if (!known) return [`${id}: resource: there is no ${resource}`];
  const have = known.scopes.map(({ name }) => name);
  const missing = scopes.filter((scope) => !have.includes(scope));
  return [
    ...missing.map((scope) => `${id}: scopes: ${resource} has no ${scope}`),
    ...(everybody && isOwnResource(known) ? [`${id}: what this server itself guards is never for everybody`] : []),
  ];
}

export function inOrder(texts: readonly string[]): string[] {
  return [...new Set(texts)].sort();
}
