import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type Callback,
  isConsent,
  isSignIn,
  LOOPBACK_CALLBACK,
  type LogoutReceiver,
  type Page,
  PageAgent,
  clientsCommand,
  startLogoutReceiver,
} from '@gatehouse/test-kit';
import { createLocalJWKSet, decodeJwt, type JSONWebKeySet, jwtVerify } from 'jose';
import * as openid from 'openid-client';
import { anna, house, invoices, stack } from './house.js';

// eslint-disable-next-line @typescript-eslint/no-deprecated -- deprecated as a warning; loopback is what it is for
const execute = [openid.allowInsecureRequests];
const BYE = 'http://127.0.0.1:33998/bye';
const EVENT = 'http://schemas.openid.net/event/backchannel-logout';

const register = (metadata: Partial<openid.ClientMetadata> = {}) =>
  openid.dynamicClientRegistration(
    new URL(stack.issuer),
    {
      client_name: `Logout ${Math.random()}`,
      redirect_uris: [LOOPBACK_CALLBACK],
      application_type: 'native',
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'],
      post_logout_redirect_uris: [BYE],
      ...metadata,
    },
    openid.None(),
    { execute },
  );

/** The whole flow in a browser that stays signed in. */
async function connect(config: openid.Configuration, browser: PageAgent, parameters: Record<string, string> = {}) {
  const pkceCodeVerifier = openid.randomPKCECodeVerifier();
  const expectedState = openid.randomState();
  const url = openid.buildAuthorizationUrl(config, {
    redirect_uri: LOOPBACK_CALLBACK,
    scope: 'openid',
    state: expectedState,
    code_challenge: await openid.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
    ...parameters,
  });
  const callback = await browser.authorize(url.href, { account: anna }, LOOPBACK_CALLBACK);
  const maxAge = parameters['max_age'] === undefined ? {} : { maxAge: Number(parameters['max_age']) };
  return openid.authorizationCodeGrant(config, new URL(callback.url), { pkceCodeVerifier, expectedState, ...maxAge });
}

async function isSignedIn(browser: PageAgent): Promise<boolean> {
  const pending = house.begin(await house.register(), { resource: invoices, scope: 'invoices:read' });
  return !isSignIn(await browser.open(pending.url, LOOPBACK_CALLBACK));
}

/** Presses a button of the one form that asks. */
function answer(browser: PageAgent, page: Page | Callback, value: 'sign-out' | 'stay', callback?: string) {
  if (page.kind !== 'page') throw new Error('the browser has left');
  const form = page.forms.find(({ action }) => action.endsWith('/logout/confirm'));
  if (!form) throw new Error(`no question: ${page.text}`);
  return browser.submit(page, form, {}, { name: 'decision', value }, callback);
}

describe('signing out by openid-client', () => {
  it('leads back at once, with the state, and the browser is signed out everywhere', async () => {
    const config = await register();
    const browser = new PageAgent();
    const tokens = await connect(config, browser);
    const url = openid.buildEndSessionUrl(config, {
      id_token_hint: tokens.id_token!,
      post_logout_redirect_uri: BYE,
      state: 'see you',
    });
    expect(url.href.startsWith(`${stack.issuer}/logout?`)).toBe(true);
    expect(await isSignedIn(browser)).toBe(true);
    const gone = await browser.open(url.href, BYE);
    expect(gone).toMatchObject({ kind: 'callback', url: `${BYE}?state=see+you` });
    expect(await isSignedIn(browser)).toBe(false);
    // What the person let the client do goes on.
    const refreshed = await openid.refreshTokenGrant(config, tokens.refresh_token!);
    expect(refreshed.access_token).toBeTruthy();
  });

  it('asks the person when the token is of another session, and keeps them signed in if they like', async () => {
    const config = await register();
    const [first, second] = [new PageAgent(), new PageAgent()];
    const tokens = await connect(config, first);
    await connect(config, second);
    const url = openid.buildEndSessionUrl(config, { id_token_hint: tokens.id_token!, post_logout_redirect_uri: BYE });
    const page = await second.open(url.href, BYE);
    const stay = await answer(second, page, 'stay', BYE);
    expect(stay).toMatchObject({ kind: 'page', status: 200 });
    expect(await isSignedIn(second)).toBe(true);
    expect(await answer(second, page, 'sign-out', BYE)).toMatchObject({ kind: 'callback', url: BYE });
    expect(await isSignedIn(second)).toBe(false);
    expect(await isSignedIn(first)).toBe(true);
  });

  it('is for anybody who comes by the address, and leads nowhere then', async () => {
    const browser = new PageAgent();
    await connect(await register(), browser);
    const page = await browser.open(`${stack.issuer}/logout`);
    expect(await answer(browser, page, 'sign-out')).toMatchObject({ kind: 'page', status: 200 });
    expect(await isSignedIn(browser)).toBe(false);
    expect(await browser.open(`${stack.issuer}/logout`)).toMatchObject({ kind: 'page', status: 200, forms: [] });
  });
});

describe('clients that want to be told', () => {
  const receivers: LogoutReceiver[] = [];
  afterAll(() => Promise.all(receivers.map((each) => each.close())));
  const receiver = async () => {
    const started = await startLogoutReceiver();
    receivers.push(started);
    return started;
  };

  it('are, each by a token of its own about the very session, also after a failure', async () => {
    const [one, two, idle] = [await receiver(), await receiver(), await receiver()];
    const configs = await Promise.all(
      [one, two, idle].map(({ uri }) =>
        register({ backchannel_logout_uri: uri, backchannel_logout_session_required: true }),
      ),
    );
    const browser = new PageAgent();
    const [first] = [await connect(configs[0]!, browser), await connect(configs[1]!, browser)];
    // It asked for no ID token.
    await connect(configs[2]!, browser, { scope: 'invoices:read', resource: invoices });
    const { sid, sub } = decodeJwt(first.id_token!);
    two.answer(503);
    await browser.open(openid.buildEndSessionUrl(configs[0]!, { id_token_hint: first.id_token! }).href);

    const [token = ''] = await one.waitFor(1);
    const keys = (await house.ask('jwks.json')).json<JSONWebKeySet>();
    const { payload } = await jwtVerify(token, createLocalJWKSet(keys), {
      issuer: stack.issuer,
      audience: configs[0]!.clientMetadata().client_id,
      typ: 'logout+jwt',
      algorithms: ['ES256'],
      maxTokenAge: 120,
    });
    expect(payload).toMatchObject({ sid, sub, events: { [EVENT]: {} }, jti: expect.any(String) });
    expect(payload).not.toHaveProperty('nonce');

    const [failed = ''] = await two.waitFor(1);
    two.answer(200);
    const [, again = ''] = await two.waitFor(2, 40);
    expect(decodeJwt(again)).toMatchObject({ sid, aud: configs[1]!.clientMetadata().client_id });
    expect(decodeJwt(again).jti).not.toBe(decodeJwt(failed).jti);
    expect(one.tokens).toHaveLength(1);
    expect(idle.tokens).toEqual([]);
  }, 90_000);
});

describe('what a client asks of the sign-in', () => {
  it('is met: again for prompt=login and max_age=0, not for a session that is young enough', async () => {
    const config = await register();
    const browser = new PageAgent();
    const before = (await connect(config, browser)).claims()!;
    const pages = browser.pages.length;
    const same = (await connect(config, browser, { max_age: '600' })).claims()!;
    expect(browser.pages.slice(pages).some(isSignIn)).toBe(false);
    expect(same.auth_time).toBe(before.auth_time);
    const wishes: readonly Record<string, string>[] = [{ prompt: 'login' }, { max_age: '0' }];
    for (const parameters of wishes) {
      const seen = browser.pages.length;
      const after = (await connect(config, browser, parameters)).claims()!;
      expect(browser.pages.slice(seen).filter(isSignIn)).toHaveLength(1);
      expect(after.auth_time).toBeGreaterThanOrEqual(before.auth_time ?? Infinity);
      // Clients go on knowing the session by its name.
      expect(after['sid']).toBe(before['sid']);
    }
  });

  it('is told to it where nobody can sign in so strongly, pushed or not (RFC 9470)', async () => {
    const config = await register();
    const parameters = { acr_values: 'urn:gatehouse:acr:2fa' };
    await expect(connect(config, new PageAgent(), parameters)).rejects.toMatchObject({
      error: 'unmet_authentication_requirements',
    });
    await expect(
      openid.buildAuthorizationUrlWithPAR(config, {
        redirect_uri: LOOPBACK_CALLBACK,
        scope: 'openid',
        code_challenge: await openid.calculatePKCECodeChallenge(openid.randomPKCECodeVerifier()),
        code_challenge_method: 'S256',
        ...parameters,
      }),
    ).rejects.toMatchObject({ error: 'unmet_authentication_requirements' });
    const tokens = await connect(config, new PageAgent(), { acr_values: 'urn:gatehouse:acr:1fa' });
    expect(tokens.claims()).toMatchObject({ acr: 'urn:gatehouse:acr:1fa' });
  });

  describe('without a page', () => {
    const WEB = 'https://notebook.example/callback';
    const id = `notebook-${process.pid}`;
    let secret: string;

    beforeAll(async () => {
      const created = await clientsCommand(stack, [
        ...['create', id, '--name', 'Notebook', '--grant', 'authorization_code'],
        ...['--auth', 'client_secret_basic', '--redirect-uri', WEB, '--json'],
      ]);
      expect(created.errors).toBe('');
      secret = (JSON.parse(created.output) as { client_secret: string }).client_secret;
    });

    const ask = async (browser: PageAgent, prompt: string | undefined) => {
      const client = { client_id: id, client_secret: secret, redirect_uris: [WEB] };
      const { url } = house.begin(client, { scope: 'openid', parameters: { prompt } });
      return browser.open(url, WEB);
    };

    it('leads to login_required, consent_required and a code, as the session stands', async () => {
      const browser = new PageAgent();
      const error = async () => {
        const at = await ask(browser, 'none');
        return at.kind === 'callback' ? (at.parameters.get('error') ?? 'code') : 'page';
      };
      expect(await error()).toBe('login_required');
      const signIn = await ask(browser, undefined);
      if (!isSignIn(signIn)) throw new Error('no sign-in page');
      const consent = await browser.signIn(signIn, anna, WEB);
      if (!isConsent(consent)) throw new Error('no consent page');
      expect(await error()).toBe('consent_required');
      await browser.decide(consent, {}, WEB);
      expect(await error()).toBe('code');
      await answer(browser, await browser.open(`${stack.issuer}/logout`), 'sign-out');
      expect(await error()).toBe('login_required');
    });
  });
});
