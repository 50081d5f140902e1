import { type EntitlementStore, type ResourceStore, type Secrets } from '@gatehouse/authorization-server';
import { type AccountRegistration, type AccountStore, normaliseUsername } from '@gatehouse/identity';
import { type AccountId, type Clock, type ResourceIdentifier, type ResourceServerId } from '@gatehouse/protocol';
import { type SeedInput, UnusableSeed } from './seed-input.js';

export interface SeedParts {
  readonly resources: ResourceStore;
  readonly accounts: AccountStore;
  readonly registration: AccountRegistration;
  readonly entitlements: EntitlementStore;
  readonly secrets: Secrets;
  readonly clock: Clock;
}

/**
 * Publishes the resources with their server, makes the accounts and gives them their rights. May run again: accounts keep
 * their ids and so all that hangs on them, and get the password, the address and the rights of this input. It runs at every
 * start, so what an operator disabled stays disabled.
 */
export async function applySeed(input: SeedInput, parts: SeedParts): Promise<void> {
  const serverId = input.resourceServer.id as ResourceServerId;
  const known = await parts.resources.list();
  await parts.resources.publishServer({
    id: serverId,
    secrets: [{ hash: parts.secrets.hash(input.resourceServer.secret) }],
    ...disabling(await parts.resources.findServer(serverId)),
  });
  for (const descriptor of input.resources)
    await parts.resources.publish(
      { ...descriptor, serverId, ...disabling(known.find(({ identifier }) => identifier === descriptor.identifier)) },
      { type: 'resource.published', at: parts.clock.now(), resource: descriptor.identifier },
    );
  for (const account of input.accounts) {
    const id = await accountFor(account, parts);
    for (const [resource, scopes] of Object.entries(account.entitlements))
      await parts.entitlements.grant(id, resource as ResourceIdentifier, scopes);
  }
}

function disabling(known: { readonly disabledAt?: Date } | undefined): { readonly disabledAt?: Date } {
  return known?.disabledAt ? { disabledAt: known.disabledAt } : {};
}

async function accountFor(
  account: SeedInput['accounts'][number],
  { accounts, registration }: SeedParts,
): Promise<AccountId> {
  const made = await registration.register(account);
  if (made.outcome === 'created') return made.account.id;
  const username = normaliseUsername(account.username);
  if (made.outcome === 'refused' || username === undefined)
    throw new UnusableSeed(`An account is not acceptable: ${made.outcome === 'refused' ? made.problem : 'username'}.`);
  const existing = await accounts.findByUsername(username);
  if (!existing) throw new Error('An account vanished while it was seeded.');
  const changed = await registration.setPassword(existing.id, account.password);
  if (changed !== 'changed') throw new UnusableSeed(`An account is not acceptable: ${changed}.`);
  const told = await registration.setEmail(existing.id, account.email);
  if (told !== 'set') throw new UnusableSeed(`An account is not acceptable: ${told}.`);
  return existing.id;
}
