import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type Answer,
  form,
  isConsent,
  isSignIn,
  OAuthFlow,
  type Page,
  type PageAgent,
  type RegisteredClient,
  type Replica,
  scopesOffered,
  startReplica,
} from '@gatehouse/test-kit';
import { anna, ben, house, invoices, stack } from './house.js';
import { WIDE_LIMITS } from './limits.js';

const GRANT = 'urn:ietf:params:oauth:grant-type:device_code';

interface Device {
  readonly device_code: string;
  readonly user_code: string;
  readonly verification_uri: string;
  readonly verification_uri_complete: string;
}

/** A replica that lets devices ask, and a device that does. */
describe('device authorization', () => {
  let replica: Replica;
  let flow: OAuthFlow;
  let client: RegisteredClient;

  beforeAll(async () => {
    replica = await startReplica(stack, { ...WIDE_LIMITS, DEVICE_AUTHORIZATION: 'on' });
    flow = new OAuthFlow(stack.issuer, { via: () => replica.origin });
    client = await flow.register({
      client_name: 'Wall display',
      redirect_uris: undefined,
      response_types: [],
      grant_types: [GRANT, 'refresh_token'],
    });
  }, 30_000);
  afterAll(() => replica.stop());

  const begin = async (scope = 'invoices:read invoices:write'): Promise<Device> =>
    (await flow.ask('device_authorization', form({ client_id: client.client_id, resource: invoices, scope }))).json();
  const poll = (device_code: string, client_id = client.client_id): Promise<Answer> =>
    flow.token({ grant_type: GRANT, client_id, device_code });
  const codeForm = (page: Page) => page.forms.find(({ action }) => action.endsWith('/user-code'));

  /** The person follows the device's words up to the consent page. */
  async function toConsent(browser: PageAgent, url: string, account = anna, userCode?: string): Promise<Page> {
    let at = await browser.open(url);
    if (isSignIn(at)) at = await browser.signIn(at, account);
    if (at.kind !== 'page') throw new Error('the journey left the house');
    const entry = codeForm(at);
    if (!entry) throw new Error('no form for the code');
    const consent = await browser.submit(at, entry, userCode === undefined ? {} : { user_code: userCode });
    if (!isConsent(consent)) throw new Error('no consent page');
    return consent;
  }

  it('leads from a code to tokens that a resource takes, through pages without a script (AS-114)', async () => {
    const device = await begin();
    expect((await poll(device.device_code)).error).toBe('authorization_pending');
    const browser = flow.browser();
    const consent = await toConsent(browser, device.verification_uri, anna, device.user_code);
    expect(consent.text).toContain('Wall display');
    expect(consent.text).toContain('Only go on if you started this yourself');
    expect(scopesOffered(consent)).toEqual(['invoices:read', 'invoices:write']);
    const done = await browser.decide(consent, { untick: ['invoices:write'] });
    expect(done.kind === 'page' && done.text).toContain('Your device is connected');
    const answer = await poll(device.device_code);
    expect(answer.json()).toMatchObject({ token_type: 'Bearer', scope: 'invoices:read' });
    expect((await poll(device.device_code)).error).toBe('invalid_grant');
    for (const page of browser.pages) expect(page.html).not.toContain('<script');
    const { refresh_token } = answer.json<{ refresh_token: string }>();
    expect((await flow.refresh({ client, resource: invoices }, refresh_token)).status).toBe(200);
  });

  it('does not take a complete link for a yes (AS-114)', async () => {
    const device = await begin();
    const consent = await toConsent(flow.browser(), device.verification_uri_complete);
    expect(isConsent(consent)).toBe(true);
    expect((await poll(device.device_code)).error).toBe('authorization_pending');
  });

  it('brings a denial to the device (AS-114)', async () => {
    const device = await begin('invoices:read');
    const browser = flow.browser();
    const consent = await toConsent(browser, device.verification_uri, anna, device.user_code);
    const done = await browser.decide(consent, { approve: false });
    expect(done.kind === 'page' && done.text).toContain('Nothing was connected');
    const answer = await poll(device.device_code);
    expect([answer.status, answer.error]).toEqual([400, 'access_denied']);
  });

  it('has one winner of parallel polls, and refuses another client its codes (AS-114)', async () => {
    const device = await begin();
    const browser = flow.browser();
    await browser.decide(await toConsent(browser, device.verification_uri, anna, device.user_code), {});
    const stranger = await flow.register({ redirect_uris: undefined, response_types: [], grant_types: [GRANT] });
    expect((await poll(device.device_code, stranger.client_id)).error).toBe('invalid_grant');
    const polls = await Promise.all(Array.from({ length: 20 }, () => poll(device.device_code)));
    expect(polls.map(({ status }) => status).sort()).toEqual([200, ...Array.from({ length: 19 }, () => 400)]);
  });

  it('slows a device down that polls without rest (AS-114)', async () => {
    const device = await begin();
    const polls = await Promise.all(Array.from({ length: 10 }, () => poll(device.device_code)));
    expect(polls.every(({ status }) => status === 400)).toBe(true);
    expect(polls.filter(({ error }) => error === 'authorization_pending')).toHaveLength(1);
    expect(polls.filter(({ error }) => error === 'slow_down')).toHaveLength(9);
  });

  it('lets nobody guess: after the allowed tries not even the right code counts (AS-114)', async () => {
    const tight = await startReplica(stack, {
      ...WIDE_LIMITS,
      DEVICE_AUTHORIZATION: 'on',
      USER_CODE_LIMIT_PER_ACCOUNT: '3/2',
    });
    try {
      const guesser = new OAuthFlow(stack.issuer, { via: () => tight.origin });
      const device = await begin();
      const browser = guesser.browser();
      const signIn = await browser.open(device.verification_uri);
      if (!isSignIn(signIn)) throw new Error('no sign-in page');
      let page = await browser.signIn(signIn, ben);
      const statuses: number[] = [];
      for (const user_code of ['BBBB-BBBB', 'CCCC-CCCC', 'DDDD-DDDD', device.user_code]) {
        const entry = page.kind === 'page' ? codeForm(page) : undefined;
        if (page.kind !== 'page' || !entry) throw new Error('no form for the code');
        page = await browser.submit(page, entry, { user_code });
        statuses.push(page.status);
      }
      expect(statuses).toEqual([400, 400, 400, 429]);
      expect((await poll(device.device_code)).error).toBe('authorization_pending');
    } finally {
      await tight.stop();
    }
  }, 30_000);

  it('is announced by a server that offers it, and unknown to one that does not (AS-114)', async () => {
    const on = await flow.ask('.well-known/oauth-authorization-server');
    expect(on.json()).toMatchObject({ device_authorization_endpoint: `${stack.issuer}/device_authorization` });
    const off = await house.ask('.well-known/oauth-authorization-server');
    expect(off.text).not.toContain('device');
    expect((await house.ask('device_authorization', form({ client_id: client.client_id }))).status).toBe(404);
  });
});
