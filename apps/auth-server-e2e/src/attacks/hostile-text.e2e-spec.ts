import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { basic } from '@gatehouse/protocol';
import {
  type Ask,
  ask,
  form,
  freePort,
  LOOPBACK_CALLBACK,
  McpRaw,
  OAuthFlow,
  type Page,
  type Replica,
  stackFile,
  startReplica,
} from '@gatehouse/test-kit';
import { anna, invoices, stack } from '../flows/house.js';
import { WIDE_LIMITS } from '../flows/limits.js';
import { seriesOf } from './refusals.js';

const REQUESTS = 10_000;
const AT_ONCE = 32;
/** In each hostile text; no line of a log and no label may show it. */
const MARK = 'zqxhostile';

/** CVE-2026-16100: error text of an attacker became metric labels. */
describe('text of an attacker', () => {
  let replica: Replica;
  let flow: OAuthFlow;
  let metrics: string;
  const toolServer = new McpRaw(invoices);

  beforeAll(async () => {
    const port = String(await freePort());
    metrics = `http://127.0.0.1:${port}/metrics`;
    replica = await startReplica(stack, { ...WIDE_LIMITS, METRICS_PORT: port, LOG_LEVEL: 'debug' });
    flow = new OAuthFlow(stack.issuer, { via: () => replica.origin });
  }, 30_000);
  afterAll(() => replica.stop());

  /** One of each place where a text goes in; the texts are new each time. */
  const places: readonly ((text: string) => Promise<unknown>)[] = [
    (text) => flow.ask('token', form({ grant_type: text, client_id: text })),
    (text) => flow.ask('token', form({ grant_type: 'authorization_code', code: text, client_id: text })),
    (text) => flow.ask('token', form({ [text]: text, grant_type: 'refresh_token', refresh_token: text })),
    (text) => flow.ask('token', form({ grant_type: 'refresh_token' }, { authorization: basic(text, text) })),
    (text) => flow.ask(`authorize?client_id=${text}&error=${text}&scope=${text}&state=${text}`),
    (text) => flow.ask(`${text}/${text}?${text}=${text}`),
    (text) => flow.ask(`interaction/${text}`),
    (text) => flow.ask(`interaction/${text}/${text}`, form({ csrf: text, error: text })),
    (text) => flow.ask('register', json({ redirect_uris: [text], client_name: text, error: text })),
    (text) => flow.ask('register', { ...json({}), body: `{"${text}` }),
    (text) => flow.ask(`register/${text}`, { ...json({ client_id: text }), method: 'PUT', headers: bearer(text) }),
    (text) => flow.ask('token', form({ client_assertion: text, client_assertion_type: text, grant_type: text })),
    (text) => flow.ask('par', form({ client_id: text, request_uri: text, scope: text })),
    (text) => flow.ask('device_authorization', form({ client_id: text, scope: text })),
    (text) => flow.ask(`device?user_code=${text}&error=${text}`),
    (text) => flow.ask('revoke', form({ token: text, token_type_hint: text, client_id: text })),
    (text) => flow.ask('introspect', form({ token: text }, { authorization: basic(text, text) })),
    (text) => flow.ask('jwks.json', { method: text.replaceAll(/[^a-z]/gi, '').toUpperCase() }),
    (text) => flow.ask('token', { method: 'POST', headers: { 'content-type': text, 'user-agent': text }, body: text }),
    (text) => flow.ask('health/ready', { headers: { host: text, 'x-request-id': text, traceparent: text } }),
    (text) => toolServer.modern(text, { params: { name: text } }),
    (text) => toolServer.modern('tools/call', { token: text, params: { name: text } }),
    (text) => ask(`${new URL(invoices).origin}/${text}/mcp`, { method: 'POST', body: text }),
  ];
  function json(body: object): Ask {
    return { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  }
  const bearer = (text: string) => ({ authorization: `Bearer ${text}`, 'content-type': 'application/json' });
  const newText = (index: number): string =>
    `${MARK}${randomBytes(6).toString('hex')}${['', '%22%7D', '%0A', '%00', '{}', '"', '..'][index % 7] ?? ''}`;

  async function send(count: number): Promise<void> {
    let next = 0;
    const worker = async (): Promise<void> => {
      while (next < count) {
        const index = next++;
        // A method or a header that is no HTTP ends the connection: an answer as well.
        await places[index % places.length]?.(newText(Math.floor(index / places.length))).catch(() => undefined);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  }

  /** Without what the process tells of itself, which comes and goes. */
  const seriesOfBoth = async () =>
    [await seriesOf('auth-server', metrics), await seriesOf('resource-server')]
      .flatMap((series) => [...series.keys()])
      .filter((series) => !/^(nodejs|process)_/.test(series));

  it(`adds no series to the metrics, be it sent ${String(REQUESTS)} times`, async () => {
    await send(places.length * 14);
    const known = await seriesOfBoth();
    await send(REQUESTS);
    const now = await seriesOfBoth();
    expect(now.filter((series) => !known.includes(series))).toEqual([]);
    expect(now.filter((series) => series.includes(MARK))).toEqual([]);
    expect(now.length).toBeGreaterThan(50);
  }, 120_000);

  it('stands in no log, and begins no line of its own there', () => {
    const lines = replica.log().trim().split('\n');
    expect(lines.length).toBeGreaterThan(REQUESTS / 4);
    for (const line of lines) expect(() => JSON.parse(line) as unknown).not.toThrow();
    expect(lines.filter((line) => /"level":"(error|fatal)"/.test(line))).toEqual([]);
    for (const log of [replica.log(), ...logsOfTheStack()]) expect(log.toLowerCase().includes(MARK)).toBe(false);
  });

  it('leaves the house well: an honest client is served as ever', async () => {
    const { tokens } = await flow.connected({ decision: { account: anna }, resource: invoices });
    expect((await toolServer.modern('tools/list', { token: tokens.access_token })).status).toBe(200);
  });

  describe('and our own secrets', () => {
    it('stand in no log, though each of them was sent in every wrong place', async () => {
      const client = await flow.register({ token_endpoint_auth_method: 'client_secret_post' });
      const browser = flow.browser();
      const pending = flow.begin(client, { resource: invoices });
      const page = (await browser.open(pending.url, LOOPBACK_CALLBACK)) as Page;
      const code = await flow.approve(browser, pending, { account: anna });
      const { access_token, refresh_token } = (await flow.redeem(pending, code)).json<Record<string, string>>();
      const csrf = page.forms[0]?.controls.find(({ name }) => name === 'csrf')?.value;
      const secrets = [
        client.client_secret,
        pending.pkce.verifier,
        pending.state,
        code,
        access_token,
        refresh_token,
        csrf,
        anna.password,
        stack.introspection.clientSecret,
        browser.jar.get(/browser/)?.value,
        browser.jar.get(/session/)?.value,
        new URL(page.url).pathname.split('/').at(-1),
      ].map((secret) => secret ?? 'missing');
      expect(secrets).not.toContain('missing');
      for (const secret of secrets) for (const place of places) await place(secret).catch(() => undefined);
      await flow.redeem(pending, code);
      await flow.refresh({ client, resource: invoices }, refresh_token ?? '');

      const written = [replica.log(), ...logsOfTheStack()].join('\n');
      for (const secret of secrets) expect(written.includes(secret)).toBe(false);
      // What the other specs were given: each of our secrets has a prefix, and a JWT has its first letters.
      expect(written).not.toMatch(/gh[a-z]_[A-Za-z0-9_-]{20,}|ey[A-Za-z0-9_-]{20,}\.ey/);
    }, 30_000);
  });
});

/** Of all that ran against the stack so far. */
function logsOfTheStack(): readonly string[] {
  const folder = join(dirname(stackFile()), 'logs');
  return readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8'));
}
