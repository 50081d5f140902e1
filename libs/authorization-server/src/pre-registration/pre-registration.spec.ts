import { after, type ClientId } from '@gatehouse/protocol';
import { StoppedClock } from '@gatehouse/protocol/testing';
import { describe, expect, it } from '@jest/globals';
import { Secrets } from '../clients/secrets.js';
import { TestVault } from '../testing/memory-core.js';
import { SigningClient } from '../testing/signing-client.js';
import { memoryStores } from '../testing/store-fixture.js';
import { aClient } from '../testing/store-seeds.js';
import { clientDeclaration } from './client-declaration.js';
import { PreRegistration } from './pre-registration.js';

const REPORT = {
  client_id: 'nightly-report',
  client_name: 'Nightly report',
  grant_types: ['client_credentials'],
  token_endpoint_auth_method: 'client_secret_basic',
  scopes: ['invoices:read'],
};
const ID = 'nightly-report' as ClientId;
const { publicJwk } = await SigningClient.create();

function house() {
  const { database, preRegistration: store } = memoryStores();
  const clock = new StoppedClock();
  const secrets = new Secrets(new TestVault());
  const operator = new PreRegistration({ policy: { redirectSchemes: [] }, clock, store, secrets });
  const declare = (change: Record<string, unknown> = {}) => clientDeclaration.parse({ ...REPORT, ...change });
  const stored = () => database.clients.get(ID)!;
  const match = (secret: string) => secrets.match(secret, stored().secrets, clock.now());
  return { database, clock, operator, declare, stored, match };
}

describe('an operator', () => {
  it('creates a client, and is shown its secret once', async () => {
    const { database, operator, declare, stored, match } = house();
    const result = await operator.create(declare());
    expect(result).toMatchObject({ id: ID, outcome: 'created', secret: expect.stringMatching(/^ghs_/) });
    expect(match(result.secret!)).toBe('match');
    expect(stored()).toMatchObject({ origin: 'pre-registered', grantTypes: ['client_credentials'], redirectUris: [] });
    expect(JSON.stringify([...database.clients.values(), ...database.audit])).not.toContain(result.secret);
    expect(database.audit.map(({ type }) => type)).toEqual(['client.registered']);
    expect(await operator.apply(declare())).not.toHaveProperty('secret');
  });

  it('takes no id of a client that is there already', async () => {
    const { database, operator, declare } = house();
    const stranger = aClient({ id: ID });
    database.clients.set(ID, stranger);
    expect(await operator.create(declare())).toEqual({ id: ID, outcome: 'taken' });
    expect(await operator.apply(declare())).toEqual({ id: ID, outcome: 'taken' });
    expect((await operator.disable(ID)).outcome).toBe('unknown');
    expect(database.clients.get(ID)).toBe(stranger);
  });

  it('ends what people agreed to when the client gets another address, and when it gets other rights does not', async () => {
    const { database, operator, declare } = house();
    const web = { grant_types: ['authorization_code'], redirect_uris: ['https://app.example/cb'] };
    await operator.create(declare(web));
    const ids = { accountId: database.addAccount(), clientId: ID, resource: 'https://r.example' as never };
    database.consents.set('one', { ...ids, scopes: ['invoices:read'], grantedAt: new Date(0) });
    const apply = (change: object) => operator.actingFor({ id: ID, through: ID }).apply(declare({ ...web, ...change }));
    expect((await apply({ scopes: ['invoices:write'], dpop_bound_access_tokens: true })).outcome).toBe('changed');
    expect(database.consents.size).toBe(1);
    expect((await apply({ redirect_uris: ['https://evil.example/cb'] })).outcome).toBe('changed');
    expect(database.consents.size).toBe(0);
  });

  it('leaves whoever made a client over HTTP no secret of it when a command lets it administer', async () => {
    const { database, operator, declare, match } = house();
    const planted = await operator.actingFor({ id: ID, through: ID }).create(declare());
    const result = await operator.apply(declare({ scopes: ['clients:write'] }));
    expect(result).toMatchObject({ outcome: 'changed', secret: expect.stringMatching(/^ghs_/) });
    expect([match(planted.secret!), match(result.secret!)]).toEqual(['wrong', 'match']);
    const again = await operator.apply(declare({ scopes: ['clients:write', 'clients:read'] }));
    expect(again).not.toHaveProperty('secret');
    expect(match(result.secret!)).toBe('match');
    expect(database.audit.map(({ type }) => type)).toEqual(['client.registered', 'client.changed', 'client.changed']);
  });

  it('applies a declaration as often as wanted: the second time nothing happens', async () => {
    const { database, operator, declare } = house();
    expect((await operator.apply(declare())).outcome).toBe('created');
    expect((await operator.apply(declare())).outcome).toBe('unchanged');
    expect(database.audit).toHaveLength(1);
  });

  it('changes a client to what the declaration says, and it keeps its secret', async () => {
    const { clock, operator, declare, stored, match } = house();
    const { secret } = await operator.create(declare({ client_uri: 'https://report.example' }));
    const before = stored().createdAt;
    clock.advance(60);
    const result = await operator.apply(declare({ client_name: 'Weekly report', scopes: ['invoices:read', 'b'] }));
    expect(result).toMatchObject({ outcome: 'changed', client: { name: 'Weekly report', createdAt: before } });
    expect(result).not.toHaveProperty('secret');
    expect(match(secret!)).toBe('match');
    // What the declaration no longer says is gone: it is the whole truth.
    expect(stored()).not.toHaveProperty('clientUri');
  });

  it('takes what an operator declares of signing out, by the same rules', async () => {
    const { operator, declare, stored } = house();
    await operator.apply(
      declare({
        post_logout_redirect_uris: ['https://report.example/bye'],
        backchannel_logout_uri: 'https://report.example/out',
      }),
    );
    expect(stored()).toMatchObject({
      postLogoutRedirectUris: ['https://report.example/bye'],
      backchannelLogoutUri: 'https://report.example/out',
    });
    expect(() => declare({ backchannel_logout_uri: 'http://report.example/out' })).toThrow('must be an https URL');
    await expect(
      operator.apply(declare({ post_logout_redirect_uris: ['http://report.example/bye'] })),
    ).rejects.toMatchObject({ reason: 'invalid_redirect_uri' });
  });

  it('moves a client from a secret to keys, and back to a new secret', async () => {
    const { operator, declare, stored, match } = house();
    const { secret } = await operator.create(declare());
    const signing = declare({ token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [publicJwk] } });
    expect(await operator.apply(signing)).not.toHaveProperty('secret');
    expect(stored()).toMatchObject({ authMethod: 'private_key_jwt', secrets: [], keys: { jwks: [publicJwk] } });
    const back = await operator.apply(declare());
    expect(stored()).not.toHaveProperty('keys');
    expect(match(back.secret!)).toBe('match');
    expect(match(secret!)).toBe('wrong');
  });

  it('rotates a secret: both are good until the overlap ends, then the new one', async () => {
    const { clock, operator, declare, match } = house();
    const { secret: old } = await operator.create(declare());
    const { secret: next, outcome } = await operator.rotateSecret(ID, 3600);
    expect(outcome).toBe('changed');
    expect([match(old!), match(next!)]).toEqual(['match', 'match']);
    clock.advance(3600);
    expect([match(old!), match(next!)]).toEqual(['expired', 'match']);
  });

  it('never leaves more than two secrets, and ends the old one at once where that is wanted', async () => {
    const { operator, declare, stored, match } = house();
    const { secret: first } = await operator.create(declare());
    const { secret: second } = await operator.rotateSecret(ID, 3600);
    const { secret: third } = await operator.rotateSecret(ID, 60);
    expect(stored().secrets).toHaveLength(2);
    expect([match(first!), match(second!), match(third!)]).toEqual(['wrong', 'match', 'match']);
    const { secret: last } = await operator.rotateSecret(ID, 0);
    expect(stored().secrets).toHaveLength(1);
    expect([match(third!), match(last!)]).toEqual(['wrong', 'match']);
  });

  it('does not give a rotated-out secret a longer life by rotating again', async () => {
    const { clock, operator, declare, stored } = house();
    await operator.create(declare());
    await operator.rotateSecret(ID, 60);
    clock.advance(60);
    await operator.rotateSecret(ID, 60);
    expect(stored().secrets[1]?.expiresAt).toEqual(after(clock.now(), 60));
    expect(stored().secrets).toHaveLength(2);
  });

  it('has nothing to rotate where there is no secret', async () => {
    const { operator, declare, stored } = house();
    await operator.create(declare({ token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [publicJwk] } }));
    expect(await operator.rotateSecret(ID, 60)).toMatchObject({ outcome: 'not_secret' });
    expect(stored().secrets).toEqual([]);
    expect(await operator.rotateSecret('other' as ClientId, 60)).toEqual({ id: 'other', outcome: 'unknown' });
  });

  it('disables and enables, by command or by declaration', async () => {
    const { database, clock, operator, declare, stored } = house();
    await operator.create(declare());
    expect((await operator.disable(ID)).outcome).toBe('changed');
    expect((await operator.disable(ID)).outcome).toBe('unchanged');
    expect(stored().disabledAt).toEqual(clock.now());
    expect((await operator.enable(ID)).outcome).toBe('changed');
    expect(stored()).not.toHaveProperty('disabledAt');
    expect((await operator.apply(declare({ disabled: true }))).outcome).toBe('changed');
    const since = stored().disabledAt;
    clock.advance(60);
    expect((await operator.apply(declare({ disabled: true }))).outcome).toBe('unchanged');
    expect(stored().disabledAt).toEqual(since);
    expect(database.audit.map(({ type }) => type)).toEqual([
      'client.registered',
      'client.disabled',
      'client.enabled',
      'client.changed',
    ]);
  });
});

describe('a client that an operator has stopped', () => {
  it('is not brought back by a file that is applied again and says nothing of it, only by one that does', async () => {
    const { operator, declare, stored } = house();
    await operator.create(declare());
    await operator.disable(ID);
    const since = stored().disabledAt;
    expect((await operator.apply(declare())).outcome).toBe('unchanged');
    expect((await operator.apply(declare({ client_name: 'Renamed' }))).outcome).toBe('changed');
    expect(stored()).toMatchObject({ name: 'Renamed', disabledAt: since });
    await operator.apply(declare({ disabled: false }));
    expect(stored()).not.toHaveProperty('disabledAt');
  });
});

describe('a declaration', () => {
  const CODE = {
    client_id: 'portal',
    client_name: 'Portal',
    grant_types: ['authorization_code', 'refresh_token'],
    token_endpoint_auth_method: 'client_secret_basic',
    redirect_uris: ['https://portal.example/cb'],
  };
  const parses = (value: unknown) => clientDeclaration.safeParse(value).success;

  it('may be of a client of persons, of one that acts for itself, or of both', () => {
    expect(parses(CODE)).toBe(true);
    expect(parses(REPORT)).toBe(true);
    const both = ['authorization_code', 'client_credentials'];
    expect(parses({ ...CODE, grant_types: both, scopes: ['invoices:read'] })).toBe(true);
  });

  it.each([
    ['an id that is a URL', { client_id: 'https://app.example/client.json' }],
    ['an id that is the id of an account (AS-123)', { client_id: '0190a0a0-0000-7000-8000-000000000001' }],
    ['an id as registration makes them', { client_id: `c_${'0'.repeat(32)}` }],
    ['an id with a space', { client_id: 'a b c' }],
    ['no id', { client_id: undefined }],
    ['a name that hides', { client_name: 'Portal\u202Eevil' }],
    ['no redirect URI for the code flow', { redirect_uris: [] }],
    ['a redirect URI that nothing uses', { ...REPORT, redirect_uris: ['https://portal.example/cb'] }],
    ['refreshing without codes', { ...REPORT, grant_types: ['client_credentials', 'refresh_token'] }],
    ['an unknown grant', { grant_types: ['password'] }],
    ['no grant', { grant_types: [] }],
    ['a public client that acts for itself (AS-68)', { ...REPORT, token_endpoint_auth_method: 'none' }],
    ['a client that acts for itself and may do anything', { ...REPORT, scopes: undefined }],
    ['two scopes in one', { scopes: ['a b'] }],
    ['signing without keys', { token_endpoint_auth_method: 'private_key_jwt' }],
    ['keys without signing', { jwks: { keys: [publicJwk] } }],
    [
      'keys twice',
      { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [publicJwk] }, jwks_uri: 'https://a.example/k' },
    ],
    ['a private key', { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [{ ...publicJwk, d: 'AA' }] } }],
    ['keys without TLS', { token_endpoint_auth_method: 'private_key_jwt', jwks_uri: 'http://a.example/k' }],
    ['a secret of its own', { client_secret: 'hunter2hunter2hunter2hunter2hunter2' }],
    ['a misspelt member', { scope: 'invoices:read' }],
  ])('is refused with %s', (_what, change) => {
    expect(parses({ ...CODE, ...change })).toBe(false);
  });

  it.each([
    'http://portal.example/cb',
    'myapp://cb',
    'https://portal.example/cb#x',
    'https://portal.example/cb?code=1',
  ])('is refused with the redirect URI %s', async (uri) => {
    const { operator, database } = house();
    const declaration = clientDeclaration.parse({ ...CODE, redirect_uris: [uri] });
    await expect(operator.apply(declaration)).rejects.toMatchObject({ code: 'invalid_redirect_uri' });
    expect(database.clients.size).toBe(0);
  });
});
