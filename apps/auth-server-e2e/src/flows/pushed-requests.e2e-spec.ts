import { describe, expect, it } from '@jest/globals';
import { codeOf, form, tokensOf } from '@gatehouse/test-kit';
import { anna, house, invoices } from './house.js';

/** What a client would have put into the URL of the browser, pushed instead. */
async function pushed(client: Awaited<ReturnType<typeof house.register>>) {
  const pending = house.begin(client, { resource: invoices, scope: 'invoices:read' });
  const answer = await house.ask('par', form([...new URL(pending.url).searchParams]));
  const { request_uri } = answer.json<{ request_uri: string }>();
  const query = new URLSearchParams({ client_id: client.client_id, request_uri });
  return { pending, answer, url: `${house.endpoint('authorize')}?${query.toString()}` };
}

describe('pushed authorization requests', () => {
  it('carry a client to its tokens, with nothing in the browser but a name (AS-113)', async () => {
    const client = await house.register();
    const { pending, answer, url } = await pushed(client);
    expect([answer.status, answer.header('cache-control')]).toEqual([201, 'no-store']);
    expect(answer.json()).toMatchObject({ expires_in: 60 });
    for (const hidden of [pending.state, pending.pkce.challenge]) expect(url).not.toContain(hidden);
    const callback = await house.browser().authorize(url, { account: anna }, pending.redirectUri);
    expect(callback.parameters.get('state')).toBe(pending.state);
    const tokens = tokensOf(await house.redeem(pending, codeOf(callback)));
    expect(tokens.scope).toBe('invoices:read');
  });

  it('are good once, and for their own client only (AS-113)', async () => {
    const [client, stranger] = [await house.register(), await house.register()];
    const { pending, url } = await pushed(client);
    const foreign = new URL(url);
    foreign.searchParams.set('client_id', stranger.client_id);
    const stolen = await house.browser().open(foreign.href, pending.redirectUri);
    expect(stolen).toMatchObject({ kind: 'page', status: 400 });
    expect(await house.browser().open(url, pending.redirectUri)).toMatchObject({ kind: 'page', status: 200 });
    const replayed = await house.browser().open(url, pending.redirectUri);
    expect(replayed).toMatchObject({ kind: 'page', status: 400 });
  });

  it('begin one journey, however many browsers arrive at once (AS-113)', async () => {
    const { pending, url } = await pushed(await house.register());
    const visits = await Promise.all(Array.from({ length: 20 }, () => house.browser().open(url, pending.redirectUri)));
    expect(visits.map(({ status }) => status).sort()).toEqual([200, ...Array.from({ length: 19 }, () => 400)]);
  });

  it('are refused to the client itself, by the wire it came by (AS-113)', async () => {
    const client = await house.register();
    const { url } = house.begin(client, { resource: invoices });
    const parameters = Object.fromEntries(new URL(url).searchParams);
    const refusals = [
      [{ redirect_uri: 'https://evil.example/cb' }, 'invalid_request'],
      [{ scope: 'no:such' }, 'invalid_scope'],
      [{ resource: 'https://evil.example/mcp' }, 'invalid_target'],
      [{ request_uri: 'urn:ietf:params:oauth:request_uri:x' }, 'invalid_request'],
      [{ client_id: 'c_nobody' }, 'invalid_client'],
    ] as const;
    for (const [change, error] of refusals) {
      const answer = await house.ask('par', form({ ...parameters, ...change }));
      expect([answer.status, answer.error]).toEqual([400, error]);
    }
    expect((await house.ask('par')).status).toBe(405);
  });
});
