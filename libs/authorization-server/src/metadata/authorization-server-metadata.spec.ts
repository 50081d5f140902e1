import { resourceIdentifier } from '@gatehouse/protocol';
import { describe, expect, it } from '@jest/globals';
import { authorizationServerMetadata } from './authorization-server-metadata.js';

const full = {
  scopes: ['invoices:read'],
  resources: [resourceIdentifier('https://rs.example/mcp')],
  identity: true,
  levels: ['urn:gatehouse:acr:1fa'],
  clientDocuments: true,
  registration: true,
  requirePushedRequests: false,
  deviceAuthorization: false,
};

describe('authorizationServerMetadata', () => {
  it.each(['https://as.example', 'https://as.example/t1', 'http://127.0.0.1:4000'])(
    'puts every endpoint under %s, which stays byte for byte',
    (issuer) => {
      const metadata = authorizationServerMetadata({ issuer, ...full });
      expect(metadata.issuer).toBe(issuer);
      expect(metadata).toMatchObject({
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        registration_endpoint: `${issuer}/register`,
        revocation_endpoint: `${issuer}/revoke`,
        introspection_endpoint: `${issuer}/introspect`,
        jwks_uri: `${issuer}/jwks.json`,
      });
    },
  );

  it('doubles no slash for an issuer that ends in one', () => {
    const metadata = authorizationServerMetadata({ issuer: 'https://as.example/', ...full });
    expect(metadata.issuer).toBe('https://as.example/');
    expect(metadata.token_endpoint).toBe('https://as.example/token');
  });

  it('says what clients must see or stop: S256, iss, none, code, every grant (AS-121)', () => {
    expect(authorizationServerMetadata({ issuer: 'https://as.example', ...full })).toMatchObject({
      code_challenge_methods_supported: ['S256'],
      authorization_response_iss_parameter_supported: true,
      token_endpoint_auth_methods_supported: ['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'],
      response_types_supported: ['code'],
      grant_types_supported: expect.arrayContaining([
        'authorization_code',
        'refresh_token',
        'client_credentials',
        'urn:ietf:params:oauth:grant-type:token-exchange',
      ]),
      introspection_signing_alg_values_supported: ['ES256'],
      scopes_supported: ['openid', 'profile', 'email', 'invoices:read'],
      protected_resources: ['https://rs.example/mcp'],
    });
  });

  it('says what an OpenID client needs to know, and what it may not try (AS-12)', () => {
    const issuer = 'https://as.example/t1';
    expect(authorizationServerMetadata({ issuer, ...full })).toMatchObject({
      jwks_uri: `${issuer}/jwks.json`,
      userinfo_endpoint: `${issuer}/userinfo`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['ES256'],
      acr_values_supported: ['urn:gatehouse:acr:1fa'],
      claims_supported: expect.arrayContaining(['sub', 'auth_time', 'nonce', 'acr', 'sid', 'name', 'email_verified']),
      claims_parameter_supported: false,
      request_parameter_supported: false,
      request_uri_parameter_supported: false,
    });
  });

  it('says where a person signs out, and that clients are told of it, where there are ID tokens', () => {
    const issuer = 'https://as.example/t1';
    expect(authorizationServerMetadata({ issuer, ...full })).toMatchObject({
      end_session_endpoint: `${issuer}/logout`,
      backchannel_logout_supported: true,
      backchannel_logout_session_supported: true,
      prompt_values_supported: ['none', 'login', 'consent', 'select_account'],
    });
    const without = authorizationServerMetadata({ issuer, ...full, identity: false });
    expect(without).not.toHaveProperty('end_session_endpoint');
    expect(without).not.toHaveProperty('backchannel_logout_supported');
  });

  it('is silent about userinfo where an operator has switched it off', () => {
    const metadata = authorizationServerMetadata({ issuer: 'https://as.example', ...full, identity: false });
    expect(metadata).not.toHaveProperty('userinfo_endpoint');
    expect(metadata.scopes_supported).toEqual(['invoices:read']);
  });

  it('names the algorithms of signed client authentication wherever it is offered, and never none (AS-11)', () => {
    const metadata = authorizationServerMetadata({ issuer: 'https://as.example', ...full });
    for (const endpoint of ['token', 'revocation'] as const) {
      expect(metadata[`${endpoint}_endpoint_auth_methods_supported`]).toContain('private_key_jwt');
      const algorithms = metadata[`${endpoint}_endpoint_auth_signing_alg_values_supported`];
      expect(algorithms).toEqual(expect.arrayContaining(['ES256', 'RS256', 'PS256', 'EdDSA']));
      for (const forbidden of ['none', 'HS256', 'HS384', 'HS512']) expect(algorithms).not.toContain(forbidden);
    }
    expect(metadata.introspection_endpoint_auth_methods_supported).not.toContain('private_key_jwt');
  });

  it('says that clients may come with a metadata document, unless they may not (AS-09)', () => {
    const issuer = 'https://as.example';
    expect(authorizationServerMetadata({ issuer, ...full }).client_id_metadata_document_supported).toBe(true);
    expect(
      authorizationServerMetadata({ issuer, ...full, clientDocuments: false, registration: true }),
    ).not.toHaveProperty('client_id_metadata_document_supported');
  });

  it('names the endpoint for pushed requests, and says whether it is the only way (AS-113)', () => {
    const issuer = 'https://as.example';
    expect(authorizationServerMetadata({ issuer, ...full })).toMatchObject({
      pushed_authorization_request_endpoint: `${issuer}/par`,
      require_pushed_authorization_requests: false,
    });
    expect(
      authorizationServerMetadata({ issuer, ...full, requirePushedRequests: true })
        .require_pushed_authorization_requests,
    ).toBe(true);
  });

  it('is silent about devices unless they are switched on (AS-114)', () => {
    const issuer = 'https://as.example';
    const off = authorizationServerMetadata({ issuer, ...full });
    expect(JSON.stringify(off)).not.toContain('device');
    expect(authorizationServerMetadata({ issuer, ...full, deviceAuthorization: true })).toMatchObject({
      device_authorization_endpoint: `${issuer}/device_authorization`,
      grant_types_supported: [...off.grant_types_supported, 'urn:ietf:params:oauth:grant-type:device_code'],
    });
  });

  it('has no empty list', () => {
    const metadata = authorizationServerMetadata({
      issuer: 'https://as.example',
      scopes: [],
      resources: [],
      identity: false,
      levels: ['urn:gatehouse:acr:1fa'],
      clientDocuments: false,
      registration: true,
      requirePushedRequests: false,
      deviceAuthorization: false,
    });
    expect(metadata).not.toHaveProperty('scopes_supported');
    expect(metadata).not.toHaveProperty('protected_resources');
    for (const value of Object.values(metadata)) expect(value).not.toEqual([]);
  });
});
