import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { providersCommand } from '@gatehouse/test-kit';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { anna, house, invoices, stack } from '../flows/house.js';
import { CorporateBrowser, type Shown, untilOffered } from '../sso/corporate-browser.js';
import {
  type Forge,
  FORGED_CLIENT,
  type ForgingProvider,
  honest,
  startForgingProvider,
} from '../sso/forging-provider.js';

/** Attacks on sign-in at a company's provider: by who answers for it, by who sends a browser on, and by what does not answer. */
let [good, other]: ForgingProvider[] = [];
let code = 0;

beforeAll(async () => {
  [good, other] = [await startForgingProvider(), await startForgingProvider()];
  for (const [id, { issuer }] of [
    ['forger', good],
    ['other', other],
  ] as const)
    expect(await declare(id, { issuer })).toMatchObject({ exitCode: 0 });
});
beforeEach(() => {
  for (const provider of [good!, other!]) {
    provider.forge = honest;
    provider.instead.clear();
  }
});
afterAll(async () => {
  for (const id of ['forger', 'other', 'sick']) await providersCommand(stack, ['remove', id]);
  await Promise.all([good!.close(), other!.close()]);
});

function declare(id: string, settings: object, more: object = {}) {
  const provider = {
    id,
    kind: 'oidc',
    name: `The ${id}`,
    domains: ['forged.example'],
    just_in_time: true,
    settings: { client_id: FORGED_CLIENT.id, ...settings },
    secrets: { client_secret: FORGED_CLIENT.secret },
    ...more,
  };
  return providersCommand(stack, ['apply', '-'], JSON.stringify({ providers: [provider] }));
}

async function signInPage(
  browser: CorporateBrowser,
  more: Readonly<Record<string, string>> = {},
  offered = 'The forger',
): Promise<Shown> {
  const { url } = house.begin(await house.register(), { scope: 'openid profile', parameters: more });
  return untilOffered(browser, url, offered);
}

/** Up to the door of the provider: what the browser carries there. */
async function depart(browser: CorporateBrowser, provider = 'forger', more: Readonly<Record<string, string>> = {}) {
  const page = await signInPage(browser, more);
  const there = await browser.press(page, 'sso', { provider }, (provider === 'forger' ? good! : other!).issuer);
  const parameters = new URL(there.url).searchParams;
  (provider === 'forger' ? good! : other!).nonce = parameters.get('nonce') ?? '';
  return { state: parameters.get('state') ?? '', parameters };
}

function callback(state: string, more: Readonly<Record<string, string>> = {}, provider = 'forger'): string {
  code += 1;
  const query = { code: `code-${String(code)}`, state, iss: good!.issuer, ...more };
  return `${stack.issuer}/sso/${provider}/callback?${new URLSearchParams(query).toString()}`;
}

const FAILED = /cannot be trusted|did not let you in|has been used already/;
const isIn = (page: Shown): boolean => page.html.includes('/consent"');

describe('an answer that is not the provider’s', () => {
  const without =
    (name: string): Forge =>
    ({ claims: { [name]: _, ...rest }, sign }) =>
      sign(rest);
  const withClaims =
    (more: object): Forge =>
    ({ claims, sign }) =>
      sign({ ...claims, ...more });
  const now = (): number => Math.floor(Date.now() / 1000);
  const mac: Forge = ({ claims }) => {
    const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const input = `${encode({ alg: 'HS256', kid: 'one' })}.${encode(claims)}`;
    return `${input}.${createHmac('sha256', FORGED_CLIENT.secret).update(input).digest('base64url')}`;
  };
  const unsigned: Forge = ({ claims }) => {
    const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    return `${encode({ alg: 'none' })}.${encode(claims)}.`;
  };
  const otherKey: Forge = async ({ claims }) => {
    const { privateKey } = await generateKeyPair('ES256');
    return new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: 'one' }).sign(privateKey);
  };
  const ownKeyInside: Forge = async ({ claims }) => {
    const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
    const jwk = await exportJWK(publicKey);
    return new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: 'one', jwk }).sign(privateKey);
  };
  const altered: Forge = async ({ claims, sign }) => {
    const [header, , signature] = (await sign(claims)).split('.');
    const body = Buffer.from(JSON.stringify({ ...claims, sub: 'anna' })).toString('base64url');
    return [header, body, signature].join('.');
  };

  const FORGERIES: readonly (readonly [string, Forge])[] = [
    ['with another nonce', withClaims({ nonce: 'another' })],
    ['without a nonce', without('nonce')],
    ['of another issuer', withClaims({ iss: 'https://idp.example' })],
    [
      'of an issuer that differs by a slash',
      ({ claims, sign }) => sign({ ...claims, iss: `${String(claims['iss'])}/` }),
    ],
    ['for another audience', withClaims({ aud: 'another' })],
    ['for several audiences without saying for whom', withClaims({ aud: [FORGED_CLIENT.id, 'another'] })],
    ['for another authorised party', withClaims({ azp: 'another' })],
    ['for several audiences and another party', withClaims({ aud: [FORGED_CLIENT.id, 'x'], azp: 'x' })],
    ['that is over', withClaims({ exp: 1_700_000_000 })],
    ['that never ends', without('exp')],
    ['that was never issued', without('iat')],
    ['that begins later', ({ claims, sign }) => sign({ ...claims, nbf: now() + 3600 })],
    ['about nobody', without('sub')],
    ['about nobody in particular', withClaims({ sub: '' })],
    ['about a number', withClaims({ sub: 7 })],
    ['without a signature', unsigned],
    ['with a MAC under the shared secret', mac],
    ['signed with another key', otherKey],
    ['signed with a key that it brings along', ownKeyInside],
    ['altered after it was signed', altered],
    ['of a key that nobody has', ({ claims, sign }) => sign(claims, { kid: 'two' })],
    ['that is no token', () => 'hunter2'],
  ];
  it.each(FORGERIES)('signs nobody in when it brings an ID token %s', async (_, forge) => {
    const browser = new CorporateBrowser();
    const { state } = await depart(browser);
    good!.forge = forge;
    const page = await browser.go(callback(state));
    expect([page.status, page.text]).toEqual([403, expect.stringMatching(FAILED)]);
    expect(page.text).not.toContain('hunter2');
    expect(isIn(await signInPage(browser))).toBe(false);
  });

  it('leaves the honest answer good', async () => {
    const browser = new CorporateBrowser();
    const { state, parameters } = await depart(browser);
    expect(parameters.get('code_challenge_method')).toBe('S256');
    const page = await browser.go(callback(state));
    expect([page.status, isIn(page)]).toEqual([200, true]);
    expect(page.text).toContain('Zoë of the forger');
    expect(good!.redeemed.at(-1)?.get('code_verifier')).toMatch(/^[A-Za-z0-9_-]{43,}$/);
  });

  it('lets no old sign-in pass where a new one was asked for', async () => {
    const browser = new CorporateBrowser();
    for (const forge of [withClaims({ auth_time: now() - 3600 }), without('auth_time')]) {
      const { state, parameters } = await depart(browser, 'forger', { prompt: 'login' });
      expect(parameters.get('prompt')).toBe('login');
      good!.forge = forge;
      const page = await browser.go(callback(state));
      expect([page.status, page.text]).toEqual([403, expect.stringContaining('did not say that you have')]);
    }
  });
});

describe('a browser that somebody sends on', () => {
  it('is signed in by no login that was begun in another browser', async () => {
    const [attacker, victim] = [new CorporateBrowser(), new CorporateBrowser()];
    const { state } = await depart(attacker);
    await depart(victim);
    const url = callback(state);
    const page = await victim.go(url);
    expect([page.status, page.text]).toEqual([400, expect.stringContaining('begun in another browser')]);
    expect(isIn(await signInPage(victim))).toBe(false);
    // The one who began is not hurt by it: it was not used up, and the code went nowhere.
    expect(good!.redeemed.at(-1)?.get('code')).not.toBe(new URL(url).searchParams.get('code'));
    const { parameters } = await depart(attacker);
    expect(isIn(await attacker.go(callback(parameters.get('state') ?? '')))).toBe(true);
  });

  it('comes back once with a state, and not at all without its own', async () => {
    const browser = new CorporateBrowser();
    const { state } = await depart(browser);
    const url = callback(state);
    expect(isIn(await browser.go(url))).toBe(true);
    const replayed = await new CorporateBrowser().go(url);
    expect(replayed.status).toBe(400);
    for (const answer of [
      url,
      callback('ghv_'),
      callback(''),
      `${stack.issuer}/sso/forger/callback`,
      `${callback(state)}&state=x`,
    ])
      expect((await browser.go(answer)).status).toBe(400);
  });

  it('cannot use a code twice, though it goes there again for it', async () => {
    const browser = new CorporateBrowser();
    const first = await depart(browser);
    const url = callback(first.state);
    await browser.go(url);
    const second = await depart(browser, 'forger', { prompt: 'login' });
    const replay = new URL(url);
    replay.searchParams.set('state', second.state);
    const page = await browser.go(replay.href);
    expect([page.status, page.text]).toEqual([403, expect.stringMatching(FAILED)]);
  });

  it('has the answer of one provider taken for no other’s', async () => {
    const browser = new CorporateBrowser();
    const { state } = await depart(browser, 'forger');
    expect((await browser.go(callback(state, { iss: other!.issuer }, 'other'))).status).toBe(400);
    expect(other!.redeemed).toEqual([]);
    // At the right place, but said by the other one; or by nobody, where the provider always says it.
    expect((await browser.go(callback(state, { iss: other!.issuer }))).status).toBe(403);
    const again = await depart(browser, 'forger');
    const nobody = new URL(callback(again.state));
    nobody.searchParams.delete('iss');
    expect((await browser.go(nobody.href)).status).toBe(403);
    expect(good!.redeemed.map((fields) => fields.get('code'))).not.toContain(nobody.searchParams.get('code'));
  });

  it('does not take a person of one provider for the same name at another', async () => {
    const [here, there] = [new CorporateBrowser(), new CorporateBrowser()];
    const own: Forge = ({ claims, sign }) => sign({ ...claims, email: undefined, sub: 'same', name: 'One' });
    good!.forge = own;
    expect(isIn(await here.go(callback((await depart(here)).state)))).toBe(true);
    other!.forge = ({ claims, sign }) => sign({ ...claims, email: undefined, sub: 'same', name: 'Two' });
    const page = await there.go(callback((await depart(there, 'other')).state, { iss: other!.issuer }, 'other'));
    expect([isIn(page), page.text.includes('Two'), page.text.includes('One')]).toEqual([true, true, false]);
  });

  it('is sent nowhere but to the provider, whatever it asks the house for', async () => {
    const browser = new CorporateBrowser();
    const page = await signInPage(browser);
    const forged = await browser.press(page, 'sso', { provider: 'https://evil.example' });
    expect([forged.status, forged.html.includes('evil.example')]).toEqual([400, false]);
  });
});

describe('a provider that is of no use', () => {
  const within = async (work: () => Promise<Shown>): Promise<readonly [Shown, number]> => {
    const start = performance.now();
    const page = await work();
    return [page, performance.now() - start];
  };
  const garbage = (_: unknown, response: { end: (body: string) => void }): void => {
    response.end('<html>'.repeat(100_000));
  };

  it('costs a person ten seconds and a clear page when it hangs, and others nothing', async () => {
    const hung = (): void => undefined;
    const [browser, bystander] = [new CorporateBrowser(), new CorporateBrowser()];
    const { state } = await depart(browser);
    good!.instead.set('/token', hung);
    const waiting = within(() => browser.go(callback(state)));
    const page = await bystander.go(
      house.begin(await house.register(), { resource: invoices, scope: 'invoices:read' }).url,
    );
    const [consent, took] = await within(() =>
      bystander.press(page, 'sign-in', { username: anna.username, password: anna.password }),
    );
    expect([isIn(consent), took < 3_000]).toEqual([true, true]);
    const [shown, waited] = await waiting;
    expect([shown.status, shown.text]).toEqual([503, expect.stringContaining('does not answer now')]);
    expect(waited).toBeLessThan(10_000);
  }, 30_000);

  it.each([
    ['hangs', (): void => undefined, 'does not answer now'],
    [
      'is broken',
      (_: unknown, response: { writeHead: (status: number) => { end: () => void } }) => {
        response.writeHead(500).end();
      },
      'now',
    ],
    ['sends nonsense', garbage, 'now'],
    [
      'cuts the line',
      (request: { destroy: () => void }) => {
        request.destroy();
      },
      'does not answer now',
    ],
  ] as const)(
    'leaves the person at the choice when its description %s',
    async (name, respond, words) => {
      const sick = await startForgingProvider();
      try {
        sick.instead.set('/.well-known/openid-configuration', respond);
        await declare('sick', { issuer: sick.issuer }, { name: `Sick: ${name}`, domains: [] });
        const browser = new CorporateBrowser();
        const page = await signInPage(browser, {}, `Sick: ${name}`);
        const [shown, took] = await within(() => browser.press(page, 'sso', { provider: 'sick' }));
        expect([shown.status, shown.text]).toEqual([503, expect.stringContaining(words)]);
        expect(shown.html).toContain('name="password"');
        expect(took).toBeLessThan(10_000);
      } finally {
        await providersCommand(stack, ['remove', 'sick']);
        await sick.close();
      }
    },
    30_000,
  );

  it('is not asked where a document of another issuer would lead', async () => {
    const sick = await startForgingProvider({ issuer: good!.issuer });
    try {
      await declare('sick', { issuer: sick.issuer }, { name: 'Sick: an impostor', domains: [] });
      const browser = new CorporateBrowser();
      const page = await signInPage(browser, {}, 'Sick: an impostor');
      const shown = await browser.press(page, 'sso', { provider: 'sick' });
      expect(shown.status).toBe(503);
    } finally {
      await providersCommand(stack, ['remove', 'sick']);
      await sick.close();
    }
  });
});
