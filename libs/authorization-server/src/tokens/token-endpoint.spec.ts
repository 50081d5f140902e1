import { describe, expect, it } from '@jest/globals';
import { authorizationServerMetadata } from '../metadata/authorization-server-metadata.js';
import { approvedCode, form, memoryCore, VERIFIER } from '../testing/memory-core.js';

const refusal = (code: string, reason: string) => expect.objectContaining({ code, reason });

describe('TokenEndpoint', () => {
  it('knows exactly the grants that the metadata announces', async () => {
    const core = memoryCore();
    const client_id = core.client().id;
    const { grant_types_supported } = authorizationServerMetadata({
      issuer: 'https://a',
      scopes: [],
      resources: [],
      identity: true,
      levels: [],
      clientDocuments: true,
      registration: true,
      requirePushedRequests: false,
      deviceAuthorization: true,
    });
    for (const grant_type of grant_types_supported)
      await expect(core.token.handle({ parameters: form({ grant_type, client_id }) })).rejects.not.toMatchObject({
        code: 'unsupported_grant_type',
      });
    for (const grant_type of ['password', 'implicit', 'AUTHORIZATION_CODE', 'constructor'])
      await expect(core.token.handle({ parameters: form({ grant_type, client_id }) })).rejects.toEqual(
        refusal('unsupported_grant_type', 'unsupported_grant_type'),
      );
    await expect(core.token.handle({ parameters: form({ client_id }) })).rejects.toEqual(
      refusal('invalid_request', 'missing_parameter'),
    );
  });

  it('lets no client use a grant it is not registered for', async () => {
    const core = memoryCore();
    const client = core.client({ grantTypes: ['authorization_code'] });
    const parameters = form({ grant_type: 'refresh_token', client_id: client.id, refresh_token: 'x' });
    await expect(core.token.handle({ parameters })).rejects.toEqual(
      refusal('unauthorized_client', 'grant_type_not_registered'),
    );
  });

  it('asks who is calling before it looks at anything presented', async () => {
    const core = memoryCore();
    const client = core.client();
    const code = await approvedCode(core, client, core.resource());
    const before = core.database.verbs;
    const parameters = form({ grant_type: 'authorization_code', code, code_verifier: VERIFIER });
    await expect(core.token.handle({ parameters })).rejects.toEqual(refusal('invalid_client', 'missing_parameter'));
    expect(core.database.verbs).toBe(before);
    const honest = form({ grant_type: 'authorization_code', client_id: client.id, code, code_verifier: VERIFIER });
    await expect(core.token.handle({ parameters: honest })).resolves.toBeDefined();
  });
});
