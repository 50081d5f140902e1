import type { ClientId } from '@gatehouse/protocol';
import { describe, expect, it } from '@jest/globals';
import { approvedCode, authorizationRequest, BROWSER, form, memoryCore, VERIFIER } from '../../testing/memory-core.js';
import { aClient } from '../../testing/store-seeds.js';
import { type ClientTrustPolicy, OPEN_TO_ALL } from '../client-trust.js';
import { DOCUMENT_AGE } from './document-age.js';

const ID = 'https://app.example.com/client.json' as ClientId;
/** What a request says of the client; the rest is what the document says. */
const client = aClient({ id: ID });
const refusal = (code: string, reason: string) => expect.objectContaining({ code, reason });

function house(trust: ClientTrustPolicy = OPEN_TO_ALL) {
  const core = memoryCore({ trust });
  const resource = core.resource();
  const person = core.person(resource);
  core.documents.publish(ID);
  const redeem = async () => {
    const code = await approvedCode(core, client, resource, person);
    return core.token.handle({
      parameters: form({ grant_type: 'authorization_code', client_id: ID, code, code_verifier: VERIFIER }),
    });
  };
  const refresh = (refresh_token: string | undefined) =>
    core.token.handle({ parameters: form({ grant_type: 'refresh_token', client_id: ID, refresh_token }) });
  return { core, resource, person, redeem, refresh };
}

describe('what a client with a metadata document is granted', () => {
  it('lives as long as that of any other client: code, refresh, revocation (AS-80)', async () => {
    const { core, redeem, refresh } = house();
    const tokens = await redeem();
    const next = await refresh(tokens.refresh_token);
    await core.revocation.revoke({ parameters: form({ client_id: ID, token: next.refresh_token }) });
    await expect(refresh(next.refresh_token)).rejects.toEqual(refusal('invalid_grant', 'authorization_revoked'));
    expect(core.documents.asked).toHaveLength(1);
  });

  it('ends with the client: an operator disables it like any other', async () => {
    const { core, redeem, refresh } = house();
    const tokens = await redeem();
    core.database.disableClient(ID, core.clock.now());
    await expect(refresh(tokens.refresh_token)).rejects.toEqual(refusal('invalid_client', 'disabled_client'));
  });

  it('survives a web server that is down, but not one that is gone', async () => {
    const { core, redeem, refresh } = house();
    let tokens = await redeem();
    core.documents.fail(ID);
    core.clock.advance(DOCUMENT_AGE.usual + 1);
    tokens = await refresh(tokens.refresh_token);
    core.clock.advance(DOCUMENT_AGE.stale);
    await expect(refresh(tokens.refresh_token)).rejects.toEqual(refusal('invalid_client', 'client_document_outdated'));
    core.documents.publish(ID);
    await core.directory.current(ID);
    await expect(refresh(tokens.refresh_token)).resolves.toMatchObject({ token_type: 'Bearer' });
  });

  it('needs a signature as soon as the document says so (AS-91)', async () => {
    const { core, redeem, refresh } = house();
    const tokens = await redeem();
    const jwks_uri = 'https://app.example.com/jwks.json';
    core.documents.publish(ID, { token_endpoint_auth_method: 'private_key_jwt', jwks_uri });
    core.clock.advance(DOCUMENT_AGE.usual);
    const unsigned = refusal('invalid_client', 'wrong_client_auth_method');
    await expect(refresh(tokens.refresh_token)).rejects.toEqual(unsigned);
    const token = tokens.refresh_token;
    await expect(core.revocation.revoke({ parameters: form({ client_id: ID, token }) })).rejects.toEqual(unsigned);
  });

  it.each<[string, ClientTrustPolicy]>([
    ['the house closes', { ...OPEN_TO_ALL, registration: 'closed' }],
    ['it takes verified clients only', { ...OPEN_TO_ALL, registration: 'verified' }],
    ['the client is denied', { ...OPEN_TO_ALL, denied: { domains: [], clients: [ID] } }],
    ['its host is denied', { ...OPEN_TO_ALL, denied: { domains: ['*.example.com'], clients: [] } }],
  ])('is worth nothing any more when %s (AS-94)', async (_, trust) => {
    const now = { ...OPEN_TO_ALL };
    const { core, redeem, refresh } = house(now);
    const tokens = await redeem();
    // As after a restart with other settings.
    Object.assign(now, trust);
    const notAllowed = refusal('invalid_client', 'client_not_allowed');
    await expect(refresh(tokens.refresh_token)).rejects.toEqual(notAllowed);
    const [authorization] = [...core.database.authorizations.values()];
    expect(authorization).toMatchObject({ refresh: { generation: 0 } });
    Object.assign(now, OPEN_TO_ALL);
    await expect(refresh(tokens.refresh_token)).resolves.toMatchObject({ token_type: 'Bearer' });
  });
});

describe('the first request of a client with a metadata document', () => {
  it('may be a pushed one: that begins an authorization too (AS-80)', async () => {
    const { core, resource } = house();
    const { request_uri } = await core.pushing.push({ parameters: authorizationRequest(client, resource) });
    const parameters = form({ client_id: ID, request_uri });
    await expect(core.authorization.start({ parameters, browser: BROWSER })).resolves.toBeDefined();
  });

  it('cannot be one for tokens, nor make this server call anybody', async () => {
    const { core, refresh } = house();
    await expect(refresh('ghr_x')).rejects.toEqual(refusal('invalid_client', 'unknown_client'));
    const token = 'x';
    await expect(core.revocation.revoke({ parameters: form({ client_id: ID, token }) })).rejects.toEqual(
      refusal('invalid_client', 'unknown_client'),
    );
    expect(core.documents.asked).toEqual([]);
  });
});

describe('an authorization under way', () => {
  it('ends on a page when its redirect URI is taken out of the document meanwhile (AS-90)', async () => {
    const { core, resource, person } = house();
    const parameters = authorizationRequest(client, resource);
    const { interactionId } = await core.authorization.start({ parameters, browser: BROWSER, person });
    core.documents.publish(ID, { redirect_uris: ['https://app.example.com/new'] });
    core.clock.advance(DOCUMENT_AGE.least);
    expect(await core.authorization.step(interactionId, BROWSER, person)).toMatchObject({ kind: 'consent' });
    await expect(core.directory.current(ID, () => false)).resolves.toBeDefined();
    const gone = refusal('invalid_request', 'unknown_interaction');
    await expect(core.authorization.step(interactionId, BROWSER, person)).rejects.toEqual(gone);
    const approve = { approve: true, scopes: ['invoices:read'] } as const;
    await expect(core.authorization.decide(interactionId, BROWSER, person, approve)).rejects.toEqual(gone);
  });

  it.each([
    ['keys', { token_endpoint_auth_method: 'private_key_jwt', jwks_uri: 'https://app.example.com/other.json' }],
    ['name', { client_name: 'Somebody else' }],
  ])(
    'ends when its %s change while the page is open: a click agrees to what it showed, and nothing else (AS-90)',
    async (_, change) => {
      const { core, resource, person } = house();
      const parameters = authorizationRequest(client, resource);
      const { interactionId } = await core.authorization.start({ parameters, browser: BROWSER, person });
      expect(await core.authorization.step(interactionId, BROWSER, person)).toMatchObject({ kind: 'consent' });
      core.documents.publish(ID, change);
      core.clock.advance(DOCUMENT_AGE.usual - 10);
      // Somebody else's request has the document fetched.
      await expect(core.directory.current(ID, () => false)).resolves.toBeDefined();
      const approve = { approve: true, scopes: ['invoices:read'] } as const;
      await expect(core.authorization.decide(interactionId, BROWSER, person, approve)).rejects.toEqual(
        refusal('invalid_request', 'unknown_interaction'),
      );
      expect(core.database.consents.size).toBe(0);
      expect(core.database.codes.size).toBe(0);
    },
  );

  it('goes on when only the copy is new (AS-90)', async () => {
    const { core, resource, person } = house();
    const parameters = authorizationRequest(client, resource);
    const { interactionId } = await core.authorization.start({ parameters, browser: BROWSER, person });
    core.clock.advance(DOCUMENT_AGE.least);
    await core.directory.current(ID, () => false);
    const approve = { approve: true, scopes: ['invoices:read'] } as const;
    await expect(core.authorization.decide(interactionId, BROWSER, person, approve)).resolves.toBeDefined();
  });

  it('shows who published the client, and whether the operator knows it (AS-94)', async () => {
    const { core, resource, person } = house();
    const parameters = authorizationRequest(client, resource);
    const { interactionId } = await core.authorization.start({ parameters, browser: BROWSER, person });
    expect(await core.authorization.step(interactionId, BROWSER, person)).toMatchObject({
      view: {
        client: { origin: 'metadata-document', publisher: 'app.example.com', verified: false },
        answerStaysHere: true,
      },
    });
  });
});
