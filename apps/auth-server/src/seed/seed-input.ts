import { ADMIN_SCOPES, OWN_SERVER, ownResources, type ProtectedResource } from '@gatehouse/authorization-server';
import { resourceDescriptors } from '@gatehouse/metadata';
import { sameResource } from '@gatehouse/protocol';
import { z } from 'zod';

const seedInput = z.strictObject({
  resources: resourceDescriptors,
  /** Runs all of the resources; its secret is stored as a hash. */
  resourceServer: z.strictObject({
    id: z.string().regex(/^[A-Za-z0-9._-]{1,100}$/),
    secret: z.string().min(32).max(200),
  }),
  accounts: z.array(
    z.strictObject({
      username: z.string().min(1),
      displayName: z.string().min(1),
      password: z.string().min(1),
      email: z.strictObject({ address: z.string(), verified: z.boolean() }).optional(),
      /** By resource identifier: what the person may hand on there. */
      entitlements: z.record(z.string(), z.array(z.string())),
    }),
  ),
});

/**
 * Whoever ran userinfo or the administration as a resource of its own, however it is spelt, would be sent the tokens meant
 * for them. And a scope with the name of one of the administration's would invite every client that is declared for it.
 */
function refuseOwnResources(
  { resources, resourceServer }: z.output<typeof seedInput>,
  own: readonly ProtectedResource[],
): void {
  const taken = own.some(({ identifier }) => resources.some((each) => sameResource(each.identifier, identifier)));
  const invites = resources.some(({ scopes }) => scopes.some(({ name }) => ADMIN_SCOPES.includes(name)));
  if (invites) throw new UnusableSeed('A scope of the administration cannot be declared for another resource.');
  if (taken || resourceServer.id === OWN_SERVER)
    throw new UnusableSeed('A resource of the authorization server itself cannot be declared.');
}

/** A misspelt right would be a right that nobody has. Those of this server's own resources need not be declared. */
function requireKnownRights(
  { resources, accounts }: z.output<typeof seedInput>,
  own: readonly ProtectedResource[],
): void {
  const scopesOf = new Map<string, ReadonlySet<string>>(
    [...resources, ...own].map(({ identifier, scopes }) => [identifier, new Set(scopes.map(({ name }) => name))]),
  );
  const dangling = accounts
    .flatMap(({ entitlements }) => Object.entries(entitlements))
    .some(([resource, scopes]) => !scopes.every((scope) => scopesOf.get(resource)?.has(scope) === true));
  if (dangling)
    throw new UnusableSeed('The input is not usable:\ninput: an entitlement names an unknown resource or scope');
}

export type SeedInput = z.output<typeof seedInput>;

export class UnusableSeed extends Error {
  override readonly name = 'UnusableSeed';
}

/**
 * @param issuer for rights at this server's own resources
 * @throws UnusableSeed that names the places that are wrong, never a value: there are passwords among them
 */
export function parseSeedInput(text: string, issuer?: string): SeedInput {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new UnusableSeed('The input is not JSON.');
  }
  const result = seedInput.safeParse(json);
  if (result.success) {
    const own = issuer === undefined ? [] : ownResources(issuer);
    refuseOwnResources(result.data, own);
    requireKnownRights(result.data, own);
    return result.data;
  }
  const places = result.error.issues.map(({ path, message }) => `${path.join('.') || 'input'}: ${message}`);
  throw new UnusableSeed(`The input is not usable:\n${places.join('\n')}`);
}
