/* A request that the person agreed to before is answered without a journey, and no other is. */
import { describe, expect, it } from '@jest/globals';
import type { Client } from '../clients/client.js';
import { authorizationRequest, BROWSER, memoryCore } from '../testing/memory-core.js';
import type { SignedInPerson } from './interaction.js';

type Change = Readonly<Record<string, string | undefined>>;
const VOUCHED = {
  origin: 'pre-registered',
  authMethod: 'client_secret_basic',
  redirectUris: ['https://app.example/cb'],
} as const;

async function house(overrides: Partial<Client> = {}) {
  const core = memoryCore();
  const client = core.client({ ...VOUCHED, ...overrides });
  const resource = core.resource();
  const anna = core.person(resource);
  const [redirect_uri] = client.redirectUris;
  const input = (change: Change, person?: SignedInPerson) => ({
    parameters: authorizationRequest(client, resource, { redirect_uri, ...change }),
    browser: BROWSER,
    ...(person ? { person } : {}),
  });
  const { interactionId } = await core.authorization.start(input({ scope: 'invoices:read' }, anna));
  const decision = { approve: true, scopes: ['invoices:read'] } as const;
  await core.authorization.decide(interactionId, BROWSER, anna, decision);
  const begin = (change: Change, person?: SignedInPerson) =>
    core.authorization.begin(input({ scope: 'invoices:read', ...change }, person));
  return { core, client, resource, anna, begin };
}

describe('a request that was agreed to before', () => {
  it('is answered at once, with a code and its event, and leaves no journey behind', async () => {
    const { core, anna, begin } = await house();
    const events = core.database.audit.length;
    const answer = await begin({ state: 's t' }, anna);
    expect(core.database.interactions.size).toBe(0);
    const url = new URL('location' in answer ? answer.location : 'about:blank');
    expect(Object.fromEntries(url.searchParams)).toEqual({
      code: expect.stringMatching(/^ghc_/),
      state: 's t',
      iss: expect.any(String),
    });
    expect(core.database.audit.slice(events)).toMatchObject([
      { type: 'consent.granted', accountId: anna.accountId, scopes: ['invoices:read'], detail: { stored: true } },
    ]);
  });

  it.each<[string, Change]>([
    ['more scopes', { scope: 'invoices:read invoices:write' }],
    ['a sign-in anew', { prompt: 'login' }],
    ['a question each time', { prompt: 'consent' }],
    ['a scope that does not exist', { scope: 'invoices:read nothing:else' }],
  ])('is none, when it asks for %s', async (_, change) => {
    const { core, anna, begin } = await house();
    expect(await begin(change, anna)).toEqual({ interactionId: expect.any(String) });
    expect(core.database.codes.size).toBe(1);
  });

  it('is none of somebody else, nor of nobody', async () => {
    const { core, resource, begin } = await house();
    for (const person of [core.person(resource), undefined])
      expect(await begin({}, person)).toEqual({ interactionId: expect.any(String) });
  });

  it.each<[string, Partial<Client>]>([
    ['registered itself', { origin: 'dynamic' }],
    ['anybody can pose as', { authMethod: 'none' }],
    ['listens on this machine', { redirectUris: ['http://127.0.0.1/cb'] }],
  ])('is asked about again, of a client that %s', async (_, overrides) => {
    const { anna, begin } = await house(overrides);
    expect(await begin({}, anna)).toEqual({ interactionId: expect.any(String) });
  });

  it('is asked about again, when the agreement or the right is gone', async () => {
    const forgotten = await house();
    forgotten.core.database.consents.clear();
    expect(await forgotten.begin({}, forgotten.anna)).toEqual({ interactionId: expect.any(String) });
    const stripped = await house();
    stripped.core.database.entitlements.clear();
    expect(await stripped.begin({}, stripped.anna)).toEqual({ interactionId: expect.any(String) });
  });

  it('is asked about on a journey, when the agreement goes at that very moment: it is not brought back', async () => {
    const { core, client, resource, anna } = await house();
    const [redirect_uri] = client.redirectUris;
    const parameters = authorizationRequest(client, resource, { redirect_uri, scope: 'invoices:read' });
    const { interactionId } = await core.authorization.start({ parameters, browser: BROWSER, person: anna });
    const { standing } = core.database;
    core.database.standing = (parties) => {
      core.database.consents.clear();
      return standing.call(core.database, parties);
    };
    expect(await core.authorization.step(interactionId, BROWSER, anna)).toMatchObject({ kind: 'consent' });
    expect([core.database.codes.size, core.database.consents.size]).toEqual([1, 0]);
  });

  it('begins a journey after all, when the agreement goes at that very moment', async () => {
    const { core, anna, begin } = await house();
    const { standing } = core.database;
    core.database.standing = (parties) => {
      core.database.consents.clear();
      return standing.call(core.database, parties);
    };
    expect(await begin({}, anna)).toEqual({ interactionId: expect.any(String) });
    expect(core.database.codes.size).toBe(1);
  });
});
