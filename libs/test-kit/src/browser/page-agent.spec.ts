import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PageAgent, PageError, scopesOffered } from './page-agent.js';

const anna = { username: 'anna', password: 'right & "true"' };
const callback = 'http://127.0.0.1:33999/callback';

/** A house of cardboard: the pages of a journey, and what was posted to them. */
describe('PageAgent', () => {
  let server: Server;
  let origin: string;
  let posted: { path: string; fields: URLSearchParams; headers: IncomingMessage['headers'] }[];
  let policy: string;
  let afterConsent: number;

  const html = (body: string) => `<!doctype html><html><body>${body}</body></html>`;
  const signIn = html(
    '<form method="post" action="/interaction/1/sign-in"><input name="username"><input type="password" name="password">' +
      '<input type="hidden" name="csrf" value="c1"><button>Sign in</button></form>',
  );
  const consent = html(
    '<h1>Allow?</h1><form method="post" action="/interaction/2/consent"><input type="hidden" name="csrf" value="c2">' +
      '<input type="checkbox" name="scope" value="a" checked><input type="checkbox" name="scope" value="b">' +
      '<button name="decision" value="approve">Allow</button><button name="decision" value="deny">Deny</button></form>',
  );

  beforeAll(async () => {
    server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const path = new URL(request.url ?? '/', origin).pathname;
        const fields = new URLSearchParams(Buffer.concat(chunks).toString());
        if (request.method === 'POST') posted.push({ path, fields, headers: request.headers });
        const to = (location: string, status = 303) => response.writeHead(status, { location }).end();
        const show = (text: string, status = 200) =>
          response
            .writeHead(status, { 'content-type': 'text/html; charset=utf-8', 'referrer-policy': policy })
            .end(text);
        if (path === '/authorize') {
          response.setHeader('set-cookie', 'browser=b1; Path=/; HttpOnly; SameSite=Lax');
          to('/interaction/1', 302);
        } else if (path === '/interaction/1') show(signIn);
        else if (path === '/interaction/1/sign-in')
          if (fields.get('password') === anna.password) to('/interaction/2');
          else show(signIn, 401);
        else if (path === '/interaction/2') show(consent);
        else if (path === '/interaction/2/consent')
          to(
            `${callback}?${fields.get('decision') === 'deny' ? 'error=access_denied' : 'code=x'}&state=s`,
            afterConsent,
          );
        else if (path === '/away') to('http://evil.example/');
        else show(html('<p>No such page</p>'), 404);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    origin = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  });
  beforeEach(() => {
    posted = [];
    policy = 'same-origin';
    afterConsent = 303;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = () => `${origin}/authorize?redirect_uri=${encodeURIComponent(callback)}`;

  it('signs in, approves what is offered and stops at the callback', async () => {
    const agent = new PageAgent();
    const end = await agent.authorize(url(), { account: anna });
    expect(Object.fromEntries(end.parameters)).toEqual({ code: 'x', state: 's' });
    expect(posted[0]?.fields.toString()).toBe(
      new URLSearchParams({ username: 'anna', password: anna.password, csrf: 'c1' }).toString(),
    );
    expect(posted[1]?.fields.getAll('scope')).toEqual(['a', 'b']);
    expect(posted[1]?.fields.getAll('decision')).toEqual(['approve']);
    expect(posted[1]?.headers).toMatchObject({ origin, cookie: 'browser=b1', 'sec-fetch-site': 'same-origin' });
    expect(scopesOffered(agent.pages.at(-1)!)).toEqual(['a', 'b']);
  });

  it('unticks and denies', async () => {
    await new PageAgent().authorize(url(), { account: anna, untick: ['a'] });
    expect(posted[1]?.fields.getAll('scope')).toEqual(['b']);
    const end = await new PageAgent().authorize(url(), { account: anna, approve: false });
    expect(end.parameters.get('error')).toBe('access_denied');
  });

  it('hides the origin when the page forbids referrers, as browsers do', async () => {
    policy = 'no-referrer';
    await new PageAgent().authorize(url(), { account: anna });
    expect(posted[0]?.headers.origin).toBe('null');
  });

  it('does not try a password twice', async () => {
    const lost = new PageAgent().authorize(url(), { account: { ...anna, password: 'wrong' } });
    await expect(lost).rejects.toThrow(PageError);
    expect(posted).toHaveLength(1);
  });

  it('fails on a page without a way on, on a foreign redirect and on a redirect that repeats the post', async () => {
    await expect(new PageAgent().authorize(`${origin}/nowhere`, { account: anna })).rejects.toThrow('No such page');
    await expect(new PageAgent().open(`${origin}/away`)).rejects.toThrow('foreign');
    afterConsent = 307;
    await expect(new PageAgent().authorize(url(), { account: anna })).rejects.toThrow('redirect by 307');
  });

  it('connects to the replica it is told, under the name of the issuer', async () => {
    const agent = new PageAgent({ via: () => origin });
    const page = await agent.open('http://as.example/interaction/1');
    expect(page).toMatchObject({ kind: 'page', status: 200, url: 'http://as.example/interaction/1' });
  });
});
