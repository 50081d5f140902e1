import type { ClientId } from '@gatehouse/protocol';
import { describe, expect, it } from '@jest/globals';
import { readMetadataDocument } from '../clients/documents/metadata-document.js';
import { clientDeclaration, declaredClient } from '../pre-registration/client-declaration.js';
import { resultingClient } from '../registration/resulting-client.js';
import { memoryCore } from '../testing/memory-core.js';
import { documentAnswer } from '../testing/test-documents.js';

const METADATA = { client_name: 'App', redirect_uris: ['http://127.0.0.1/cb'], token_endpoint_auth_method: 'none' };
const POLICY = { redirectSchemes: [], deviceAuthorization: false };
const BOUND = { dpopBoundAccessTokens: true };

describe('dpop_bound_access_tokens (AS-170)', () => {
  it('is registered, told back, and keeps clients apart that differ in it', async () => {
    const core = memoryCore();
    const plain = await core.registration.register(METADATA);
    const bound = await core.registration.register({ ...METADATA, dpop_bound_access_tokens: true });
    expect(bound).toMatchObject({ dpop_bound_access_tokens: true });
    expect(plain).not.toHaveProperty('dpop_bound_access_tokens');
    expect(bound.client_id).not.toBe(plain.client_id);
    expect(core.database.clients.get(bound.client_id)).toMatchObject(BOUND);
    const same = await core.registration.register({ ...METADATA, dpop_bound_access_tokens: false });
    expect(same.client_id).toBe(plain.client_id);
  });

  it('that is neither true nor false is refused', () => {
    for (const dpop_bound_access_tokens of ['true', 1, {}])
      expect(() => resultingClient({ ...METADATA, dpop_bound_access_tokens }, POLICY)).toThrow(
        expect.objectContaining({ code: 'invalid_client_metadata' }),
      );
    expect(resultingClient({ ...METADATA, dpop_bound_access_tokens: null }, POLICY)).not.toMatchObject(BOUND);
  });

  it('is read in a metadata document, and may be nothing but true', () => {
    const id = 'https://app.example/client.json' as ClientId;
    const read = (dpop_bound_access_tokens: unknown) =>
      readMetadataDocument(id, documentAnswer({ ...METADATA, client_id: id, dpop_bound_access_tokens }), []).client;
    expect(read(true)).toMatchObject(BOUND);
    for (const other of [false, 'true', null, undefined]) expect(read(other)).not.toMatchObject(BOUND);
  });

  it('may be declared by an operator', () => {
    const declaration = {
      client_id: 'nightly',
      client_name: 'Nightly',
      grant_types: ['client_credentials'],
      token_endpoint_auth_method: 'client_secret_basic',
      scopes: ['invoices:read'],
    };
    const declared = (more: object) => declaredClient(clientDeclaration.parse({ ...declaration, ...more }), []);
    expect(declared({ dpop_bound_access_tokens: true })).toMatchObject(BOUND);
    expect(declared({})).not.toMatchObject(BOUND);
  });
});
