import { type AccountId, after, type TokenHash, type VerifiedRedirect } from '@gatehouse/protocol';
import { describe, expect, it } from '@jest/globals';
import { aClient, anyHash, aPerson, aResource, CONTRACT_NOW } from '../testing/store-seeds.js';
import type { GrantableRequest } from './interaction.js';
import { type Journey, nextStep } from './next-step.js';

const ANNA = aPerson('anna' as AccountId);
const BEN = aPerson('ben' as AccountId);
const resource = aResource();
const vouched = aClient({
  origin: 'pre-registered',
  authMethod: 'client_secret_basic',
  redirectUris: ['https://app.example/cb'],
});
const request: GrantableRequest = {
  clientId: vouched.id,
  redirectUri: 'https://app.example/cb' as VerifiedRedirect,
  redirectUriWasSent: true,
  codeChallenge: 'x'.repeat(43),
  resource: resource.identifier,
  scopes: ['invoices:read', 'invoices:write'],
};
const consent = {
  accountId: ANNA.accountId,
  clientId: vouched.id,
  resource: resource.identifier,
  scopes: ['invoices:read', 'invoices:write'],
  grantedAt: CONTRACT_NOW,
};

function journey(change: Partial<Journey> = {}, interaction: Partial<Journey['interaction']> = {}): Journey {
  return {
    interaction: {
      id: anyHash(),
      browser: 'b' as TokenHash,
      request,
      person: ANNA,
      createdAt: CONTRACT_NOW,
      expiresAt: CONTRACT_NOW,
      ...interaction,
    },
    person: ANNA,
    client: vouched,
    resource,
    entitledScopes: ['invoices:read', 'invoices:write'],
    consent: undefined,
    ...change,
  };
}
const refused = { ...request, refusal: { code: 'invalid_scope', reason: 'unknown_scope' } } as const;

describe('the next step of a journey', () => {
  it('is sign-in as long as nobody is known, whatever else is the matter', () => {
    const noSession = { kind: 'sign-in', reason: 'no_session' };
    expect(nextStep(journey({ person: undefined }))).toEqual(noSession);
    expect(nextStep(journey({ person: undefined }, { request: refused }))).toEqual(noSession);
    expect(nextStep(journey({}, { person: undefined }))).toEqual(noSession);
  });

  it('is sign-in when the browser now belongs to somebody else', () => {
    const step = nextStep(journey({ person: BEN, consent }));
    expect(step).toEqual({ kind: 'sign-in', reason: 'session_of_other_account' });
  });

  it('is sign-in when the session is older than the one the journey was signed in to', () => {
    const anew = aPerson(ANNA.accountId, after(CONTRACT_NOW, 9));
    expect(nextStep(journey({}, { person: anew }))).toEqual({ kind: 'sign-in', reason: 'no_session' });
  });

  it('grants in the name of the session the browser has now', () => {
    const now = aPerson(ANNA.accountId, after(CONTRACT_NOW, 9));
    expect(nextStep(journey({ person: now }))).toMatchObject({ kind: 'consent', grant: { person: now } });
  });

  it('is the refusal that was found at the start', () => {
    expect(nextStep(journey({}, { request: refused }))).toEqual({
      kind: 'refusal',
      code: 'invalid_scope',
      reason: 'unknown_scope',
    });
  });

  it('is a refusal when the resource is gone or disabled since', () => {
    const gone = { kind: 'refusal', code: 'invalid_target' };
    expect(nextStep(journey({ resource: undefined }))).toEqual({ ...gone, reason: 'unknown_resource' });
    const disabled = { ...resource, disabledAt: CONTRACT_NOW };
    expect(nextStep(journey({ resource: disabled }))).toEqual({ ...gone, reason: 'disabled_resource' });
  });

  it('is a refusal when the person may hand on none of the scopes', () => {
    expect(nextStep(journey({ entitledScopes: ['invoices:refund'], consent }))).toEqual({
      kind: 'refusal',
      code: 'access_denied',
      reason: 'scope_not_entitled',
    });
  });

  it('is consent to what the person may hand on, and says what is withheld', () => {
    const step = nextStep(journey({ entitledScopes: ['invoices:write', 'invoices:refund'] }));
    expect(step).toMatchObject({
      kind: 'consent',
      grant: { person: ANNA, scopes: ['invoices:write'], withheld: ['invoices:read'] },
    });
  });
});

describe('a stored consent', () => {
  it('is enough for a confidential, pre-registered client at an https address', () => {
    expect(nextStep(journey({ consent })).kind).toBe('consented');
  });

  it('is enough for fewer scopes, not for more', () => {
    const narrow = { ...request, scopes: ['invoices:read'] };
    expect(nextStep(journey({ consent }, { request: narrow })).kind).toBe('consented');
    expect(nextStep(journey({ consent: { ...consent, scopes: ['invoices:read'] } })).kind).toBe('consent');
  });

  it('is not enough when the client wants the person asked', () => {
    expect(nextStep(journey({ consent }, { request: { ...request, alwaysAsk: true } })).kind).toBe('consent');
  });

  it('is not enough for administration, whoever asks', () => {
    const scopes = ['clients:write'];
    const step = nextStep(
      journey({ consent: { ...consent, scopes }, entitledScopes: scopes }, { request: { ...request, scopes } }),
    );
    expect(step.kind).toBe('consent');
  });

  it('is enough for a client that signs with the keys its own host published, not for a public one (AS-37)', () => {
    const published = { ...vouched, origin: 'metadata-document', authMethod: 'private_key_jwt' } as const;
    expect(nextStep(journey({ consent, client: published })).kind).toBe('consented');
    expect(nextStep(journey({ consent, client: { ...published, authMethod: 'none' } })).kind).toBe('consent');
  });

  it('is not enough where somebody could pose as the client', () => {
    for (const client of [{ ...vouched, origin: 'dynamic' } as const, { ...vouched, authMethod: 'none' } as const])
      expect(nextStep(journey({ consent, client })).kind).toBe('consent');
    for (const redirectUri of [
      'http://127.0.0.1:1/cb',
      'https://localhost/cb',
      'https://127.0.0.1/cb',
      'https://[::1]/cb',
      'com.example.app:/cb',
    ])
      expect(
        nextStep(journey({ consent }, { request: { ...request, redirectUri: redirectUri as VerifiedRedirect } })).kind,
      ).toBe('consent');
  });
});
