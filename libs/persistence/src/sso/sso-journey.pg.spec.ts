import { AesGcmKeyVault } from '@gatehouse/authorization-server';
import {
  Connectors,
  type Departure,
  type DepartInput,
  type ExternalPerson,
  ExternalSignIn,
  KnownBrowsers,
  ProviderRegistry,
  Providers,
  RedirectConnector,
  SsoJourney,
} from '@gatehouse/identity';
import { newSecret, SystemClock, tokenHash } from '@gatehouse/protocol';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { PgAuditLog } from '../audit/audit.log.js';
import { toBytes } from '../base64url.js';
import { openTestDatabase, statementsOf } from '../testing/index.js';
import { PgExternalIdentityStore } from './external-identity.store.js';
import { PgIdentityProviderStore } from './identity-provider.store.js';
import { PgSsoLoginStore } from './sso-login.store.js';

class AnnasConnector extends RedirectConnector {
  override readonly kind = 'oidc';

  override problems(): readonly string[] {
    return [];
  }

  override async probe(): Promise<readonly string[]> {
    return [];
  }

  override async depart(_: unknown, { state }: DepartInput): Promise<Departure> {
    return { location: `https://idp.example/?state=${state}`, memory: { nonce: 'n0nce', verifier: 'v3rifier' } };
  }

  override async arrive(): Promise<ExternalPerson> {
    return {
      issuer: 'https://idp.example',
      subject: 'anna',
      emailVerified: false,
      groups: ['a', 'b'],
      authenticatedAt: new Date(),
      amr: [],
      strong: false,
    };
  }
}

let test: Awaited<ReturnType<typeof openTestDatabase>>;
let journey: SsoJourney;
beforeAll(async () => {
  test = await openTestDatabase();
  const { database } = test;
  const vault = new AesGcmKeyVault([randomBytes(32)]);
  const clock = new SystemClock();
  const connectors = new Connectors([new AnnasConnector()]);
  const store = new PgIdentityProviderStore(database);
  await new ProviderRegistry({ store, connectors, vault, clock }).apply({
    ...{ id: 'okta', kind: 'oidc', name: 'Okta', domains: [], just_in_time: true, settings: {}, disabled: false },
    secrets: { client_secret: 'hunter2hunter2' },
  });
  journey = new SsoJourney({
    issuer: 'https://house.example',
    providers: new Providers({ store, vault, clock }),
    connectors,
    logins: new PgSsoLoginStore(database),
    signIn: new ExternalSignIn({
      identities: new PgExternalIdentityStore(database),
      audit: new PgAuditLog(database),
      browsers: new KnownBrowsers([randomBytes(32)]),
      clock,
    }),
    vault,
    clock,
  });
});
afterAll(() => test.close());

async function dump(): Promise<string> {
  const tables = await test.database.query<{ readonly name: string }>(
    `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'`,
  );
  const rows = await Promise.all(tables.map(({ name }) => test.database.query(`SELECT t::text FROM ${name} t`)));
  return JSON.stringify(rows);
}
const hex = (secret: string): string => Buffer.from(secret.slice(4), 'base64url').toString('hex');

it('leaves nothing in the database by which somebody could go on in a browser’s place, or speak as this server', async () => {
  const begun = { interactionId: newSecret('ghi_'), browser: newSecret('ghb_'), provider: 'okta' };
  const { location } = await journey.depart(begun);
  const state = new URL(location).searchParams.get('state') ?? '';
  const text = await dump();
  expect(text).toContain(toBytes(tokenHash(state)).toString('hex'));
  for (const secret of [state, begun.browser, begun.interactionId]) {
    expect(text).not.toContain(secret.slice(4));
    expect(text).not.toContain(hex(secret));
  }
  for (const plain of ['hunter2', 'n0nce', 'v3rifier']) {
    expect(text).not.toContain(plain);
    expect(text).not.toContain(Buffer.from(plain).toString('base64url'));
  }
});

it('costs one statement to leave, and a login and one transaction to arrive', async () => {
  const begun = { interactionId: newSecret('ghi_'), browser: newSecret('ghb_'), provider: 'okta' };
  const visit = async (): Promise<readonly [readonly string[], readonly string[]]> => {
    let location = '';
    const leaving = await statementsOf(test.database, async () => {
      ({ location } = await journey.depart(begun));
    });
    const url = `https://house.example/sso/okta/callback${new URL(location).search}`;
    const arriving = await statementsOf(test.database, () => journey.arrive({ ...begun, url }));
    return [leaving, arriving];
  };
  await visit();
  const [leaving, arriving] = await visit();
  expect(leaving).toHaveLength(1);
  // The login; then, of a person who is known: the lock, provider, link, account, groups left and joined, session.
  const [login, begin, ...inside] = arriving;
  expect(login).toContain('sso_logins');
  expect([begin, inside.at(-1)]).toEqual(['START TRANSACTION', 'COMMIT']);
  expect(inside).toHaveLength(8);
});
