import { type ProviderId } from '@gatehouse/identity';
import { ssoStoresContract } from '@gatehouse/identity/testing';
import { type AccountId, after, newSecret, tokenHash } from '@gatehouse/protocol';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { PgAccountStore } from '../accounts/account.store.js';
import { PgSessionStore } from '../sessions/session.store.js';
import { openTestDatabase, storedAuditEvents } from '../testing/index.js';
import { PgExternalIdentityStore } from './external-identity.store.js';
import { PgIdentityProviderStore } from './identity-provider.store.js';
import { PgSsoLoginStore } from './sso-login.store.js';

let test: Awaited<ReturnType<typeof openTestDatabase>>;
beforeAll(async () => {
  test = await openTestDatabase();
});
afterAll(() => test.close());

ssoStoresContract(async () => ({
  providers: new PgIdentityProviderStore(test.database),
  logins: new PgSsoLoginStore(test.database),
  identities: new PgExternalIdentityStore(test.database),
  accounts: new PgAccountStore(test.database),
  sessions: new PgSessionStore(test.database),
  disable: async (id, at) => {
    await test.database.query(`UPDATE accounts SET disabled_at = $2 WHERE id = $1 RETURNING id`, [id, at]);
  },
}));

it('takes what a provider brought along when it is removed, tells of it, and leaves the accounts', async () => {
  const { database } = test;
  const at = new Date('2026-01-01T12:00:00Z');
  const providers = new PgIdentityProviderStore(database);
  const id = 'leaving' as ProviderId;
  const shape = { id, kind: 'oidc', name: 'Leaving', domains: [], justInTime: true, settings: {} } as const;
  await providers.create({ ...shape, createdAt: at }, { type: 'provider.published', at });
  const session = {
    id: tokenHash(newSecret('ghw_')),
    sid: randomUUID(),
    authenticatedAt: at,
    acr: 'urn:gatehouse:acr:1fa',
    amr: [],
    expiresAt: after(at, 60),
    provider: id,
  };
  const accountId = randomUUID() as AccountId;
  await new PgExternalIdentityStore(database).arrive({
    providerId: id,
    issuer: 'https://leaving.example',
    subject: 'zoe',
    newAccount: { id: accountId, username: 'zoe@leaving', displayName: 'Zoë', createdAt: at },
    groups: ['leaving/all'],
    session,
    at,
  });
  const left = () =>
    database.query(
      `SELECT (SELECT count(*)::integer FROM external_identities WHERE provider_id = $1) AS links,
              (SELECT count(*)::integer FROM account_groups WHERE provider_id = $1) AS groups,
              (SELECT count(*)::integer FROM sessions WHERE provider_id = $1) AS sessions,
              (SELECT count(*)::integer FROM accounts WHERE id = $2) AS accounts`,
      [id, accountId],
    );
  expect(await left()).toEqual([{ links: 1, groups: 1, sessions: 1, accounts: 1 }]);
  await providers.remove(id, { type: 'provider.removed', at, detail: { provider: id } });
  expect(await left()).toEqual([{ links: 0, groups: 0, sessions: 0, accounts: 1 }]);
  const events = (await storedAuditEvents(database)).filter(
    (event) => event.accountId === accountId || event.type === 'provider.removed',
  );
  expect(events.map(({ type }) => type)).toEqual(
    expect.arrayContaining(['account.created', 'account.linked', 'sign_in.succeeded', 'provider.removed']),
  );
});
