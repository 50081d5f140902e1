import { beforeAll, describe, expect, it } from '@jest/globals';
import { basic } from '@gatehouse/protocol';
import { anna, house, invoices, stack } from '../flows/house.js';
import { type Archive, openArchive } from './operator.js';

/** A resource server may ask about its own tokens only: else one that is broken into reads all sessions of the house. */
describe('introspection by the wrong one', () => {
  let archive: Archive;
  beforeAll(() => {
    archive = openArchive();
  }, 30_000);

  it("tells a resource server nothing about another's token", async () => {
    const { clientId, clientSecret } = stack.introspection;
    const demo = basic(clientId, clientSecret);
    const other = basic(archive.server.id, archive.server.secret);
    const annas = await house.connected({ decision: { account: anna }, resource: invoices });
    const { archivist, resource } = archive;
    const archives = await house.connected({ decision: { account: archivist }, resource });

    const silent = await house.introspect(other, annas.tokens.access_token);
    expect([silent.status, silent.json()]).toEqual([200, { active: false }]);
    expect((await house.introspect(demo, archives.tokens.access_token)).json()).toEqual({ active: false });
    expect((await house.introspect(other, archives.tokens.access_token)).json()).toMatchObject({ active: true });
    expect((await house.introspect(demo, annas.tokens.access_token)).json()).toMatchObject({ active: true });
  });

  it('tells a client nothing, not even about its own token', async () => {
    const client = await house.register({ token_endpoint_auth_method: 'client_secret_basic' });
    const pending = house.begin(client, { resource: invoices });
    const code = await house.approve(house.browser(), pending, { account: anna });
    const authorization = basic(client.client_id, client.client_secret!);
    const fields = { grant_type: 'authorization_code', code, redirect_uri: pending.redirectUri };
    const redeemed = await house.token({ ...fields, code_verifier: pending.pkce.verifier }, { authorization });
    const { access_token } = redeemed.json<{ access_token: string }>();
    const answer = await house.introspect(authorization, access_token);
    expect([answer.status, answer.error]).toEqual([401, 'invalid_client']);
  });
});
