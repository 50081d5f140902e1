import type { ClientId } from '@gatehouse/protocol';
import { describe, expect, it } from '@jest/globals';
import { generateKeyPairSync } from 'node:crypto';
import { documentAnswer } from '../../testing/test-documents.js';
import { changedTerms, readMetadataDocument } from './metadata-document.js';
import type { DocumentAnswer } from './metadata-document-source.js';

const ID = 'https://app.example.com/client.json' as ClientId;
const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const PUBLIC_JWK = { ...publicKey.export({ format: 'jwk' }), kid: 'k1', use: 'sig', alg: 'ES256' };
const PRIVATE_JWK = { ...privateKey.export({ format: 'jwk' }), kid: 'k1' };

const MINIMAL = { client_id: ID, client_name: 'App', redirect_uris: ['https://app.example.com/cb'] };

const read = (document: unknown, more: Partial<DocumentAnswer> = {}, schemes: readonly string[] = []) =>
  readMetadataDocument(ID, documentAnswer(document, more), schemes);
const said = (more: object) => read({ ...MINIMAL, ...more }).client;

const reasonOf = (attempt: () => unknown): unknown => {
  try {
    attempt();
  } catch (error) {
    return error;
  }
  return undefined;
};
const refusal = (reason: string) => expect.objectContaining({ code: 'invalid_client', reason, status: 400 });

describe('documents as they are published', () => {
  it('of a desktop editor: portless loopback redirects, a web twin, a grant that is not offered here (AS-92)', () => {
    const id = 'https://editor.example/oauth/client-metadata.json' as ClientId;
    const { client } = readMetadataDocument(
      id,
      documentAnswer({
        client_id: id,
        client_name: 'Example Studio Editor',
        client_uri: 'https://editor.example/product',
        logo_uri: 'https://cdn.editor.example/logo.png',
        grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
        response_types: ['code'],
        redirect_uris: ['https://web.editor.example/redirect', 'http://127.0.0.1/', 'http://127.0.0.1:33418/'],
        token_endpoint_auth_method: 'none',
        application_type: 'native',
      }),
      [],
    );
    expect(client).toEqual({
      id,
      origin: 'metadata-document',
      name: 'Example Studio Editor',
      applicationType: 'native',
      redirectUris: ['https://web.editor.example/redirect', 'http://127.0.0.1/', 'http://127.0.0.1:33418/'],
      grantTypes: ['authorization_code', 'refresh_token'],
      authMethod: 'none',
      secrets: [],
      clientUri: 'https://editor.example/product',
    });
  });

  it('of a command line assistant: localhost redirects only, no scope, no type (AS-92)', () => {
    const id = 'https://assistant.example/oauth/cli-client-metadata' as ClientId;
    const { client } = readMetadataDocument(
      id,
      documentAnswer({
        client_id: id,
        client_name: 'Example Assistant CLI',
        client_uri: 'https://assistant.example',
        redirect_uris: ['http://localhost/callback', 'http://127.0.0.1/callback'],
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        token_endpoint_auth_method: 'none',
      }),
      [],
    );
    expect(client).toMatchObject({
      applicationType: 'native',
      authMethod: 'none',
      clientUri: 'https://assistant.example',
    });
  });

  it('of a hosted chat: several methods to choose from, keys by URL, other response types (AS-92)', () => {
    const id = 'https://chat.example/oauth/client.json' as ClientId;
    const { client } = readMetadataDocument(
      id,
      documentAnswer(
        {
          client_id: id,
          client_name: 'Example Chat',
          redirect_uris: ['https://chat.example/connector/oauth/callback'],
          grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:jwt-bearer'],
          response_types: ['code', 'code id_token'],
          token_endpoint_auth_methods_supported: ['client_secret_basic', 'none', 'private_key_jwt'],
          jwks_uri: 'https://chat.example/oauth/jwks.json',
          scope: null,
          logo_uri: null,
        },
        { contentType: 'application/vnd.chat+json; charset=utf-8' },
      ),
      [],
    );
    expect(client).toMatchObject({
      applicationType: 'web',
      grantTypes: ['authorization_code', 'refresh_token'],
      authMethod: 'private_key_jwt',
      keys: { jwksUri: 'https://chat.example/oauth/jwks.json' },
    });
  });

  it('of the least kind: three members, and everything else by default (C-07)', () => {
    expect(read(MINIMAL)).toEqual({
      authMethodAssumed: true,
      client: {
        id: ID,
        origin: 'metadata-document',
        name: 'App',
        applicationType: 'web',
        redirectUris: ['https://app.example.com/cb'],
        grantTypes: ['authorization_code'],
        authMethod: 'none',
        secrets: [],
      },
    });
    expect(read({ ...MINIMAL, token_endpoint_auth_method: 'none' }).authMethodAssumed).toBe(false);
  });
});

describe('a document', () => {
  it.each([201, 204, 206, 301, 302, 303, 307, 308, 304, 404, 410, 500])('of status %s is none (AS-82)', (status) => {
    expect(reasonOf(() => read(MINIMAL, { status }))).toEqual(refusal('client_document_wrong_status'));
  });

  it.each([undefined, 'text/html', 'text/plain', 'application/jsonp', 'text/json', 'application/xml+jsonx'])(
    'of type %s is none (AS-83)',
    (contentType) => {
      const answer = { ...documentAnswer(MINIMAL), contentType } as DocumentAnswer;
      expect(reasonOf(() => readMetadataDocument(ID, answer, []))).toEqual(refusal('client_document_wrong_type'));
    },
  );

  it.each(['application/json', 'application/json;charset=utf-8', 'Application/JSON', 'application/ld+json'])(
    'of type %s is one (AS-83)',
    (contentType) => {
      expect(read(MINIMAL, { contentType }).client.id).toBe(ID);
    },
  );

  it.each<[string, unknown]>([
    ['no JSON', '<html>'],
    ['an empty body', ''],
    ['a list', [MINIMAL]],
    ['no name', { ...MINIMAL, client_name: undefined }],
    ['a name of which nothing can be seen', { ...MINIMAL, client_name: '\u202e\u200b' }],
    ['no redirect URIs', { ...MINIMAL, redirect_uris: undefined }],
    ['an empty list of them', { ...MINIMAL, redirect_uris: [] }],
    ['redirect URIs none of which may be used', { ...MINIMAL, redirect_uris: ['javascript:x', 'http://a.example/cb'] }],
    ['no id', { ...MINIMAL, client_id: undefined }],
    ['no grant that is offered here', { ...MINIMAL, grant_types: ['client_credentials'] }],
    ['no code flow', { ...MINIMAL, response_types: ['token'] }],
    ['keys promised but not there', { ...MINIMAL, token_endpoint_auth_method: 'private_key_jwt' }],
    ['an unknown method only', { ...MINIMAL, token_endpoint_auth_method: 'tls_client_auth' }],
    [
      'keys in two places',
      {
        ...MINIMAL,
        token_endpoint_auth_method: 'private_key_jwt',
        jwks: { keys: [PUBLIC_JWK] },
        jwks_uri: 'https://a/',
      },
    ],
    ['keys at no https URL', { ...MINIMAL, token_endpoint_auth_method: 'private_key_jwt', jwks_uri: 'http://a/jwks' }],
  ])('with %s is refused (AS-83)', (_, document) => {
    expect(reasonOf(() => read(document))).toEqual(refusal('client_document_malformed'));
  });

  it('that is no UTF-8 is refused', () => {
    const body = new Uint8Array([0x7b, 0xff, 0x7d]);
    expect(reasonOf(() => read(MINIMAL, { body }))).toEqual(refusal('client_document_malformed'));
  });

  it.each([
    'https://app.example.com:443/client.json',
    'https://app.example.com/client.json?',
    'https://app.example.com/client.jso%6e',
    'https://APP.example.com/client.json',
    'https://evil.example/client.json',
  ])('that says it is %s speaks of somebody else (AS-83)', (client_id) => {
    expect(reasonOf(() => read({ ...MINIMAL, client_id }))).toEqual(refusal('client_document_of_other_client'));
  });

  it.each<[string, object]>([
    ['a secret', { client_secret: 'hush' }],
    ['an empty secret', { client_secret: '' }],
    ['the end of a secret', { client_secret_expires_at: 0 }],
    ['a secret for Basic', { token_endpoint_auth_method: 'client_secret_basic' }],
    ['a secret in the body', { token_endpoint_auth_method: 'client_secret_post' }],
    ['a shared key', { token_endpoint_auth_method: 'client_secret_jwt' }],
    ['a private key', { jwks: { keys: [PRIVATE_JWK] } }],
    ['a private key among public ones', { jwks: { keys: [PUBLIC_JWK, PRIVATE_JWK] } }],
    ['a symmetric key', { jwks: { keys: [{ kty: 'oct', k: 'AAAA' }] } }],
  ])('with %s is refused, whatever else it says (AS-84)', (_, members) => {
    expect(reasonOf(() => read({ ...MINIMAL, ...members }))).toEqual(refusal('client_document_with_secret'));
  });

  it('binds to the one method it names, though it can do others (AS-91)', () => {
    const both = { token_endpoint_auth_methods_supported: ['none', 'private_key_jwt'], jwks: { keys: [PUBLIC_JWK] } };
    expect(said({ ...both, token_endpoint_auth_method: 'none' }).authMethod).toBe('none');
    expect(said({ ...both, token_endpoint_auth_method: 'private_key_jwt' })).toMatchObject({
      authMethod: 'private_key_jwt',
      keys: { jwks: [{ kty: 'EC', kid: 'k1' }] },
    });
    expect(said(both).authMethod).toBe('private_key_jwt');
    expect(said({ ...both, token_endpoint_auth_method: 'tls_client_auth' }).authMethod).toBe('private_key_jwt');
  });

  it('leaves out redirect URIs that may not be used here, and keeps the rest (AS-92)', () => {
    const redirect_uris = [
      'cursor://oauth/callback',
      'https://app.example.com/cb',
      'https://app.example.com/cb#fragment',
      'https://app.example.com/cb?code=1',
      'https://app.example.com/cb',
    ];
    expect(said({ redirect_uris }).redirectUris).toEqual(['https://app.example.com/cb']);
    expect(read({ ...MINIMAL, redirect_uris }, {}, ['cursor']).client.redirectUris).toEqual([
      'cursor://oauth/callback',
      'https://app.example.com/cb',
    ]);
  });

  it('cannot pose by its website: only a page on the host of the id is shown (AS-94)', () => {
    expect(said({ client_uri: 'https://app.example.com/about' }).clientUri).toBe('https://app.example.com/about');
    for (const client_uri of ['https://bank.example/', 'http://app.example.com/', 'javascript:alert(1)', 7])
      expect(said({ client_uri })).not.toHaveProperty('clientUri');
  });

  it('keeps what it says of signing out as far as it can be used, and is not refused for the rest', () => {
    const good = {
      post_logout_redirect_uris: ['https://app.example.com/bye', 'javascript:alert(1)', 'http://app.example.com/bye'],
      backchannel_logout_uri: 'https://app.example.com/out',
      backchannel_logout_session_required: true,
    };
    expect(said(good)).toMatchObject({
      postLogoutRedirectUris: ['https://app.example.com/bye'],
      backchannelLogoutUri: 'https://app.example.com/out',
      backchannelLogoutSessionRequired: true,
    });
    const client = said({ post_logout_redirect_uris: 'https://x', backchannel_logout_uri: 'http://10.0.0.1/' });
    expect(client).not.toHaveProperty('postLogoutRedirectUris');
    expect(client).not.toHaveProperty('backchannelLogoutUri');
  });

  it('has no say in what is fetched for display: a logo is not even kept (AS-95)', () => {
    const client = said({ logo_uri: 'https://169.254.169.254/', tos_uri: 'https://10.0.0.1/' });
    expect(JSON.stringify(client)).not.toMatch(/169\.254|10\.0\.0\.1/);
  });

  it('has its name cleaned and cut', () => {
    expect(said({ client_name: `  evil\u202egnp.exe\n${'x'.repeat(300)}` }).name).toMatch(/^evilgnp\.exe x{88}$/);
  });
});

describe('what changed', () => {
  const before = said({ redirect_uris: ['https://a.example/1', 'https://a.example/2'] });

  it('is what a person agreed to, not the order of a list nor a new version (AS-90)', () => {
    expect(changedTerms(before, { ...before, redirectUris: [...before.redirectUris].reverse() })).toEqual([]);
    expect(changedTerms(before, { ...before, softwareVersion: '2' } as typeof before)).toEqual([]);
  });

  it('is named term by term (AS-90)', () => {
    const keyed = said({ token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [PUBLIC_JWK] } });
    expect(changedTerms(before, keyed)).toEqual(['redirectUris', 'authMethod', 'keys']);
    const { kid: _, ...withoutKid } = PUBLIC_JWK;
    const other = said({ token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [withoutKid] } });
    expect(changedTerms(keyed, other)).toEqual(['keys']);
    expect(changedTerms(before, { ...before, name: 'Other' })).toEqual(['name']);
  });

  it('is nothing when a database gives the members of a key back in its own order', () => {
    const keys = { jwks: [{ kty: 'EC', crv: 'P-256', x: 'x', y: 'y' }] };
    const sorted = { jwks: [{ crv: 'P-256', kty: 'EC', y: 'y', x: 'x' }] };
    expect(changedTerms({ ...before, keys }, { ...before, keys: sorted })).toEqual([]);
  });
});

describe('what a document demands of its client', () => {
  const signing = { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [PUBLIC_JWK] } };

  it('is held to: pushed requests, and one algorithm', () => {
    const demands = { require_pushed_authorization_requests: true, token_endpoint_auth_signing_alg: 'ES256' };
    expect(said({ ...signing, ...demands })).toMatchObject({
      requirePushedRequests: true,
      assertionAlgorithm: 'ES256',
    });
    expect(said(signing)).not.toHaveProperty('assertionAlgorithm');
  });

  it.each(['ES384', 'none', 'HS256'])('is not read away: %s is none that its keys have', (alg) => {
    expect(reasonOf(() => said({ ...signing, token_endpoint_auth_signing_alg: alg }))).toEqual(
      refusal('client_document_malformed'),
    );
  });
});
