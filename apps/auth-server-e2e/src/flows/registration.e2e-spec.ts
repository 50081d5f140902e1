import { describe, expect, it } from '@jest/globals';
import { LOOPBACK_CALLBACK } from '@gatehouse/test-kit';
import { house } from './house.js';

type Metadata = Readonly<Record<string, unknown>>;

describe('open registration', () => {
  it('answers 201 with all that is in force, and does not let caches keep it (AS-93, AS-100)', async () => {
    const answer = await house.registration({ client_name: 'Mine', software_id: 's', software_version: '1' });
    expect([answer.status, answer.type]).toEqual([201, 'application/json']);
    expect(answer.header('cache-control')).toContain('no-store');
    const client = answer.json();
    expect(client).toEqual({
      client_id: expect.any(String),
      client_id_issued_at: expect.any(Number),
      client_name: 'Mine',
      redirect_uris: [LOOPBACK_CALLBACK],
      application_type: 'native',
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      id_token_signed_response_alg: 'ES256',
      software_id: 's',
      software_version: '1',
    });
    expect(String(client['client_id'])).not.toMatch(/^https?:/);
    expect(client).not.toHaveProperty('client_secret');
  });

  it('fills in the defaults, and leaves out what it does not offer (AS-102)', async () => {
    const plain = await house.registration({
      token_endpoint_auth_method: undefined,
      grant_types: undefined,
      response_types: undefined,
    });
    expect(plain.json()).toMatchObject({
      token_endpoint_auth_method: 'client_secret_basic',
      grant_types: ['authorization_code'],
      response_types: ['code'],
      client_secret: expect.stringMatching(/^.{40,}$/),
      client_secret_expires_at: 0,
    });
    const greedy = await house.registration({
      grant_types: ['authorization_code', 'implicit', 'password', 'urn:ietf:params:oauth:grant-type:device_code'],
      logo_uri: 'https://app.example/logo.png',
      made_up: 'x',
    });
    expect(greedy.json()['grant_types']).toEqual(['authorization_code']);
    expect(greedy.text).not.toMatch(/implicit|password|device_code|made_up/);
  });

  it('knows the application type, and infers it for clients that do not say (AS-103)', async () => {
    const typeOf = async (metadata: Metadata) => {
      const answer = await house.registration({ application_type: undefined, ...metadata });
      return answer.status === 201 ? answer.json()['application_type'] : answer.error;
    };
    expect(await typeOf({})).toBe('native');
    expect(await typeOf({ redirect_uris: ['https://app.example/cb'] })).toBe('web');
    expect(await typeOf({ application_type: 'web' })).toBe('invalid_redirect_uri');
    expect(await typeOf({ application_type: 'web', redirect_uris: ['https://app.example/cb'] })).toBe('web');
    expect(await typeOf({ application_type: 'toaster' })).toBe('invalid_client_metadata');
  });

  it('takes https and loopback redirects only (AS-25, AS-101)', async () => {
    const errorOf = async (...redirect_uris: unknown[]) => {
      const answer = await house.registration({ redirect_uris, application_type: undefined });
      return answer.status === 201 ? 'registered' : `${answer.status} ${answer.error ?? ''}`;
    };
    const fine = ['https://app.example/cb', 'http://localhost/cb', 'http://127.0.0.1:5000/cb', 'http://[::1]/cb?x=1'];
    for (const uri of fine) expect([uri, await errorOf(uri)]).toEqual([uri, 'registered']);
    for (const uri of [
      'http://app.example/cb',
      'http://127.0.0.1.evil.example/cb',
      'http://localhost.evil.example/cb',
      'https://app.example/cb#fragment',
      'https://user:secret@app.example/cb',
      'https://app.example/a/../cb',
      'https://app.example\\@evil.example/cb',
      'javascript:alert(1)',
      'data:text/html,x',
      'file:///etc/passwd',
      'cursor://callback',
      'com.example.app:/cb',
      'cb',
      '',
    ])
      expect([uri, await errorOf(uri)]).toEqual([uri, '400 invalid_redirect_uri']);
    expect(await errorOf()).toBe('400 invalid_redirect_uri');
  });

  it('refuses metadata that makes no sense (AS-101)', async () => {
    const refused: Metadata[] = [
      { token_endpoint_auth_method: 'private_key_jwt' },
      { grant_types: ['refresh_token'] },
      { response_types: ['token'] },
      { client_name: 7 },
      { jwks: { keys: [] }, jwks_uri: 'https://app.example/jwks' },
      { scope: 'a"b' },
    ];
    for (const metadata of refused) {
      const answer = await house.registration(metadata);
      expect([metadata, answer.status, answer.error]).toEqual([metadata, 400, 'invalid_client_metadata']);
    }
    for (const body of ['[]', 'null', '"x"', '{', '']) {
      const answer = await house.ask('register', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      });
      expect([body, answer.status, answer.type]).toEqual([body, 400, 'application/json']);
    }
  });
});
