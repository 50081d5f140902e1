import {
  type AccountId,
  type AuthorizationId,
  type ClientId,
  type ResourceIdentifier,
  type ResourceServerId,
  type TokenHash,
} from '@gatehouse/protocol';
import { expect } from '@jest/globals';
import { PgAccountStore } from '../accounts/account.store.js';
import { PgAttemptCounter } from '../attempts/attempt.counter.js';
import { PgAuthorizationStore } from '../authorizations/authorization.store.js';
import { PgInteractionStore } from '../authorize/interaction.store.js';
import { PgClientStore } from '../clients/client.store.js';
import { PgAuthorizationCodeStore } from '../codes/authorization-code.store.js';
import { PgConsentStore } from '../consent/consent.store.js';
import { openDatabase } from '../database.js';
import { PgEntitlementStore } from '../entitlements/entitlement.store.js';
import { PgSigningKeyStore } from '../keys/signing-key.store.js';
import { PgResourceStore } from '../resources/resource.store.js';
import { PgSessionStore } from '../sessions/session.store.js';
import { storedAuditEvents } from '../testing/stored-audit-events.js';

const hash = (byte: string): TokenHash => Buffer.from(byte.repeat(32), 'hex').toString('base64url') as TokenHash;
const at = (text: string): Date => new Date(`2026-${text}Z`);

const anna = '0190a0a0-0000-7000-8000-000000000001' as AccountId;
const ben = '0190a0a0-0000-7000-8000-000000000002' as AccountId;
const living = '0190a0a0-0000-4000-8000-0000000000aa' as AuthorizationId;
const revoked = '0190a0a0-0000-4000-8000-0000000000bb' as AuthorizationId;
const ledger = 'c_ledger' as ClientId;
const gone = 'c_gone' as ClientId;
const invoices = 'https://api.example/invoices/mcp' as ResourceIdentifier;
const CHALLENGE = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';

/** What the stores say about the rows of testdata/*.sql. */
export async function readEverything(url: string): Promise<unknown> {
  const database = await openDatabase({ url, poolSize: 2, applicationName: 'testdata' });
  const clients = new PgClientStore(database);
  const resources = new PgResourceStore(database);
  const accounts = new PgAccountStore(database);
  const authorizations = new PgAuthorizationStore(database);
  try {
    return {
      clients: [await clients.find(ledger), await clients.find(gone)],
      server: await resources.findServer('rs' as ResourceServerId),
      resources: await resources.list(),
      accounts: [await accounts.findByUsername('anna'), await accounts.find(ben)],
      entitlement: await new PgEntitlementStore(database).scopesOf(anna, { id: ledger, verified: true }, invoices),
      session: await new PgSessionStore(database).find(hash('a1'), at('01-01T09:00:00')),
      blockedUntil: await new PgAttemptCounter(database).count(
        'account',
        { limit: 4, window: 900 },
        at('01-01T08:10:00'),
      ),
      interaction: await new PgInteractionStore(database).find(hash('b1'), hash('b0'), at('01-01T08:10:00')),
      consent: await new PgConsentStore(database).find(anna, ledger, invoices),
      code: await new PgAuthorizationCodeStore(database).find(hash('c1')),
      authorizations: [await authorizations.find(living), await authorizations.find(revoked)],
      keys: await new PgSigningKeyStore(database).list(),
      audit: await storedAuditEvents(database),
    };
  } finally {
    await database.close();
  }
}

const grant = {
  accountId: anna,
  resource: invoices,
  scopes: ['invoices:read'],
  authenticatedAt: at('01-01T08:00:00'),
};
const born = { createdAt: at('01-01T08:01:01'), expiresAt: at('06-30T08:01:01') };
const unrestricted = {
  client: 'active',
  account: 'active',
  resource: 'active',
  entitledScopes: ['invoices:read', 'invoices:refund'],
  profile: { displayName: 'Anna', username: 'anna' },
};
const standing = { ...unrestricted, clientScopes: ['invoices:read'] };
const jwk = { kty: 'EC', crv: 'P-256', x: 'x', y: 'y', use: 'sig', alg: 'ES256' };
const secret = { hash: 'w3pZ2i5VYx4Jc4qS4xDbB5F9d7r0nB0mPp3mTnq3kQ8' };

export const EVERYTHING = {
  clients: [
    {
      id: ledger,
      origin: 'pre-registered',
      name: 'Ledger',
      applicationType: 'web',
      redirectUris: ['https://ledger.example/callback'],
      grantTypes: ['authorization_code', 'refresh_token'],
      authMethod: 'client_secret_basic',
      secrets: [secret, { hash: 'n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg', expiresAt: at('02-01T00:00:00') }],
      scopes: ['invoices:read'],
      clientUri: 'https://ledger.example',
      softwareId: 'ledger',
      softwareVersion: '1.2',
      createdAt: at('01-01T00:00:00'),
    },
    {
      id: gone,
      origin: 'dynamic',
      name: 'Gone „früher"',
      applicationType: 'native',
      redirectUris: ['http://127.0.0.1/cb', 'http://[::1]/cb'],
      grantTypes: ['authorization_code'],
      authMethod: 'none',
      secrets: [],
      createdAt: at('01-01T00:00:00'),
      disabledAt: at('01-02T00:00:00'),
    },
  ],
  server: { id: 'rs', secrets: [secret] },
  resources: [
    {
      identifier: invoices,
      name: 'Invoices',
      scopes: [
        { name: 'invoices:read', description: 'See invoices' },
        { name: 'invoices:refund', description: 'Pay back', implies: ['invoices:read'], sensitive: true },
      ],
      defaultScopes: ['invoices:read'],
      serverId: 'rs',
    },
  ],
  accounts: [
    {
      id: anna,
      username: 'anna',
      displayName: 'Anna',
      passwordHash: '$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaA',
      createdAt: at('01-01T00:00:00'),
    },
    {
      id: ben,
      username: 'ben',
      displayName: 'Ben',
      createdAt: at('01-01T00:00:00'),
      disabledAt: at('01-02T00:00:00'),
    },
  ],
  entitlement: ['invoices:read', 'invoices:refund'],
  session: {
    session: {
      id: hash('a1'),
      accountId: anna,
      authenticatedAt: at('01-01T08:00:00'),
      expiresAt: at('01-01T20:00:00'),
      sid: expect.any(String) as unknown,
      acr: 'urn:gatehouse:acr:1fa',
      amr: ['pwd'],
    },
    displayName: 'Anna',
  },
  blockedUntil: at('01-01T08:15:00'),
  interaction: {
    id: hash('b1'),
    browser: hash('b0'),
    request: {
      clientId: ledger,
      redirectUri: 'https://ledger.example/callback',
      redirectUriWasSent: true,
      state: 'xyz',
      codeChallenge: CHALLENGE,
      resource: invoices,
      scopes: ['invoices:read'],
    },
    // Signed in to a session without a public name: asks again.
    createdAt: at('01-01T08:00:00'),
    expiresAt: at('01-01T08:15:00'),
  },
  consent: {
    accountId: anna,
    clientId: ledger,
    resource: invoices,
    scopes: ['invoices:read'],
    grantedAt: at('01-01T08:01:00'),
  },
  code: {
    code: {
      ...grant,
      hash: hash('c1'),
      clientId: ledger,
      redirectUri: 'https://ledger.example/callback',
      redirectUriWasSent: true,
      codeChallenge: CHALLENGE,
      issuedAt: at('01-01T08:01:00'),
      expiresAt: at('01-01T08:02:00'),
      redeemed: { at: at('01-01T08:01:01'), authorizationId: living },
    },
    standing,
  },
  authorizations: [
    {
      authorization: {
        ...grant,
        ...born,
        id: living,
        clientId: ledger,
        refresh: {
          generation: 1,
          currentHash: hash('d2'),
          previousHash: hash('d1'),
          rotatedAt: at('01-01T09:00:00'),
          nonce: hash('d3'),
          replayKey: hash('d0'),
          idleExpiresAt: at('01-31T09:00:00'),
        },
      },
      standing,
      serverId: 'rs',
      clients: [{ id: ledger, origin: 'pre-registered', redirectUris: ['https://ledger.example/callback'] }],
      ancestors: [],
    },
    {
      authorization: {
        ...grant,
        ...born,
        id: revoked,
        clientId: gone,
        revoked: { at: at('01-02T00:00:00'), reason: 'code_reused' },
      },
      standing: { ...unrestricted, client: 'disabled' },
      serverId: 'rs',
      clients: [{ id: gone, origin: 'dynamic', redirectUris: ['http://127.0.0.1/cb', 'http://[::1]/cb'] }],
      ancestors: [],
    },
  ],
  keys: [
    {
      id: 'old',
      algorithm: 'ES256',
      publicJwk: { ...jwk, kid: 'old' },
      sealedPrivateKey: 'sealed-old',
      publishedAt: at('01-01T00:00:00'),
      activatesAt: at('01-01T00:00:00'),
      withdrawAt: at('02-01T00:00:00'),
    },
    {
      id: 'new',
      algorithm: 'ES256',
      publicJwk: { ...jwk, kid: 'new' },
      sealedPrivateKey: 'sealed-new',
      publishedAt: at('01-31T00:00:00'),
      activatesAt: at('01-31T00:15:00'),
    },
  ],
  audit: [
    {
      type: 'code.redeemed',
      at: at('01-01T08:01:01'),
      clientId: ledger,
      accountId: anna,
      authorizationId: living,
      resource: invoices,
      scopes: ['invoices:read'],
      detail: { generation: 0 },
    },
    { type: 'sign_in.failed', at: at('01-02T00:00:00'), reason: 'unknown_account' },
  ],
};
