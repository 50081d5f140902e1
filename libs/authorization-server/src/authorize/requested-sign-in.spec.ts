/* What a client may ask about the sign-in: each state of the browser's session against each wish, and the step that follows. */
import { after, secondsSinceEpoch } from '@gatehouse/protocol';
import { describe, expect, it } from '@jest/globals';
import type { Client } from '../clients/client.js';
import { authorizationRequest, BROWSER, form, ISSUER, memoryCore } from '../testing/memory-core.js';
import type { SignedInPerson } from './interaction.js';

type Change = Readonly<Record<string, string | undefined>>;
const WEB = 'https://app.example/cb';
const VOUCHED = { origin: 'pre-registered', authMethod: 'client_secret_basic', redirectUris: [WEB] } as const;
const ONE = 'urn:gatehouse:acr:1fa';
const TWO = 'urn:gatehouse:acr:2fa';
const refusal = (code: string, reason: string) => expect.objectContaining({ code, reason });
const answer = (location: string) => Object.fromEntries(new URL(location).searchParams);

function house(overrides: Partial<Client> = VOUCHED) {
  const core = memoryCore();
  const client = core.client(overrides);
  const resource = core.resource();
  const anna = core.person(resource);
  const ben = core.person(resource);
  const [redirect_uri] = client.redirectUris;
  const parameters = (change: Change) => authorizationRequest(client, resource, { redirect_uri, ...change });
  const begin = async (change: Change, person?: SignedInPerson) =>
    core.authorization.start({ parameters: parameters(change), browser: BROWSER, ...(person ? { person } : {}) });
  return {
    core,
    client,
    anna,
    ben,
    parameters,
    begin,
    step: async (change: Change, person?: SignedInPerson) =>
      core.authorization.step((await begin(change, person)).interactionId, BROWSER, person),
    /** Begins with a session, or none, then signs in as `who`; what comes next. */
    signIn: async (change: Change, who: SignedInPerson, before?: SignedInPerson) => {
      const { interactionId } = await begin(change, before);
      const next = await core.authorization.signedIn(interactionId, BROWSER, who);
      return core.authorization.step(next.interactionId, BROWSER, who);
    },
    /** The person agrees once, so that a stored consent is there. */
    consented: async (person = anna) => {
      const { interactionId } = await begin({}, person);
      const scopes = ['invoices:read', 'invoices:write'];
      await core.authorization.decide(interactionId, BROWSER, person, { approve: true, scopes });
    },
    idToken: (of: SignedInPerson, change: object = {}, typ = 'JWT') => {
      const iat = secondsSinceEpoch(core.clock.now()) - 86_400;
      const claims = { iss: ISSUER, sub: of.accountId, aud: client.id, iat, exp: iat + 300, sid: of.sid, ...change };
      return core.signer.sign(claims, typ);
    },
  };
}

const WISHES: readonly (readonly [session: 'none' | 'an hour old', Change, step: string])[] = [
  ['none', {}, 'sign-in'],
  ['none', { max_age: '86400' }, 'sign-in'],
  ['none', { prompt: 'login' }, 'sign-in'],
  ['an hour old', {}, 'consent'],
  ['an hour old', { max_age: '3600' }, 'consent'],
  ['an hour old', { max_age: '3599' }, 'sign-in'],
  ['an hour old', { max_age: '0' }, 'sign-in'],
  ['an hour old', { max_age: '999999999' }, 'consent'],
  ['an hour old', { prompt: 'login' }, 'sign-in'],
  ['an hour old', { prompt: 'select_account' }, 'sign-in'],
  ['an hour old', { prompt: 'login consent' }, 'sign-in'],
  ['an hour old', { prompt: 'consent' }, 'consent'],
  ['an hour old', { prompt: 'create whatever' }, 'consent'],
  ['an hour old', { acr_values: ONE }, 'consent'],
  ['an hour old', { acr_values: `${TWO} ${ONE}` }, 'consent'],
  ['an hour old', { login_hint: 'ben' }, 'consent'],
  ['none', { prompt: 'none' }, 'login_required'],
  ['an hour old', { prompt: 'none' }, 'consent_required'],
  ['an hour old', { prompt: 'none', max_age: '3599' }, 'login_required'],
  ['an hour old', { prompt: 'none', max_age: '0' }, 'login_required'],
  ['an hour old', { prompt: 'none', acr_values: ONE }, 'consent_required'],
  ['an hour old', { prompt: 'none', acr_values: TWO }, 'unmet_authentication_requirements'],
  ['none', { prompt: 'none', acr_values: TWO }, 'unmet_authentication_requirements'],
  ['none', { prompt: 'none', scope: 'nonsense' }, 'invalid_scope'],
];

describe('what a client asks of the sign-in', () => {
  it.each(WISHES)('with a session: %s, and %j leads to %s', async (session, change, expected) => {
    const { core, anna, step } = house();
    core.clock.advance(3600);
    const next = await step(change, session === 'none' ? undefined : anna);
    const told = next.kind === 'redirect' ? answer(next.location)['error'] : next.kind;
    expect(told).toBe(expected);
  });

  it('is met by signing in, so that no request makes a loop', async () => {
    for (const change of [{ max_age: '0' }, { max_age: '1' }, { prompt: 'login' }, { prompt: 'select_account' }]) {
      const { core, anna, begin } = house();
      core.clock.advance(3600);
      const { interactionId } = await begin(change, anna);
      // Nobody goes on with the session of before.
      expect((await core.authorization.step(interactionId, BROWSER, anna)).kind).toBe('sign-in');
      const fresh = { ...anna, authenticatedAt: core.clock.now() };
      const next = await core.authorization.signedIn(interactionId, BROWSER, fresh);
      // However long the page is looked at, for the age is that at the request.
      core.clock.advance(600);
      expect((await core.authorization.step(next.interactionId, BROWSER, fresh)).kind).toBe('consent');
    }
  });

  it.each([
    [{ prompt: 'none login' }, 'invalid_request', 'contradictory_prompt'],
    [{ prompt: 'consent none' }, 'invalid_request', 'contradictory_prompt'],
    [{ max_age: '-1' }, 'invalid_request', 'malformed_max_age'],
    [{ max_age: '1.5' }, 'invalid_request', 'malformed_max_age'],
    [{ max_age: '9'.repeat(10) }, 'invalid_request', 'malformed_max_age'],
    [{ acr_values: TWO }, 'unmet_authentication_requirements', 'unattainable_authentication'],
    [{ acr_values: 'phr urn:other' }, 'unmet_authentication_requirements', 'unattainable_authentication'],
  ])('%j is refused, and the client is told %s', async (change, code, reason) => {
    const { core, client, anna, step, parameters } = house();
    expect(await step(change, anna)).toMatchObject({ kind: 'refusal', view: { code } });
    expect([...core.database.interactions.values()][0]?.request).toMatchObject({ refusal: { code, reason } });
    // The same by the client's own hand, where it is told at once.
    const publicClient = core.client({ ...client, id: 'pushing' as Client['id'], authMethod: 'none' });
    const pairs = parameters({ ...change, client_id: publicClient.id }).pairsWithout([]);
    const pushed = core.pushing.push({ parameters: form(Object.fromEntries(pairs)) });
    await expect(pushed).rejects.toEqual(refusal(code, reason));
  });

  it('counts for a pushed request when the browser comes', async () => {
    const { core, client, anna, parameters } = house({ ...VOUCHED, authMethod: 'none' });
    const { request_uri } = await core.pushing.push({ parameters: parameters({ max_age: '60' }) });
    core.clock.advance(61);
    const lifetime = { ...anna, authenticatedAt: after(core.clock.now(), -61) };
    await expect(
      core.authorization.start({ parameters: form({ client_id: client.id, request_uri }), browser: BROWSER }),
    ).rejects.toEqual(refusal('invalid_request_uri', 'unknown_pushed_request'));
    const again = await core.pushing.push({ parameters: parameters({ max_age: '60' }) });
    const { interactionId } = await core.authorization.start({
      parameters: form({ client_id: client.id, request_uri: again.request_uri }),
      browser: BROWSER,
      person: lifetime,
    });
    expect((await core.authorization.step(interactionId, BROWSER, lifetime)).kind).toBe('sign-in');
  });

  it('is refused after a sign-in that was too weak, not asked for again', async () => {
    const { core, anna, begin } = house();
    const weak = { ...anna, acr: 'urn:older:method' };
    const { interactionId } = await begin({ acr_values: ONE }, weak);
    expect((await core.authorization.step(interactionId, BROWSER, weak)).kind).toBe('sign-in');
    const next = await core.authorization.signedIn(interactionId, BROWSER, weak);
    expect(await core.authorization.step(next.interactionId, BROWSER, weak)).toMatchObject({
      kind: 'refusal',
      view: { code: 'unmet_authentication_requirements' },
    });
  });
});

describe('a name or an ID token as a hint', () => {
  it('fills in the name, but puts no sentence on our page', async () => {
    const { step } = house();
    expect(await step({ login_hint: 'anna@example.com' })).toMatchObject({ username: 'anna@example.com' });
    for (const login_hint of ['Call 555 now', 'x'.repeat(101), 'a\u202Eb', 'a\nb'])
      expect(await step({ login_hint })).not.toHaveProperty('username');
  });

  it('lets the person it names through, also long after it has expired', async () => {
    const { anna, step, idToken } = house();
    expect((await step({ id_token_hint: await idToken(anna) }, anna)).kind).toBe('consent');
  });

  it('asks for the person it names when somebody else is signed in, and takes nobody else', async () => {
    const { anna, ben, step, signIn, idToken } = house();
    const id_token_hint = await idToken(anna);
    expect((await step({ id_token_hint }, ben)).kind).toBe('sign-in');
    expect((await signIn({ id_token_hint }, anna, ben)).kind).toBe('consent');
    expect(await signIn({ id_token_hint }, ben, ben)).toMatchObject({
      kind: 'refusal',
      view: { code: 'login_required' },
    });
  });

  it('answers that another person would have to sign in where nothing may be shown', async () => {
    const { anna, ben, step, idToken, consented } = house();
    await consented(ben);
    const next = await step({ prompt: 'none', id_token_hint: await idToken(anna) }, ben);
    expect(next.kind === 'redirect' && answer(next.location)).toMatchObject({ error: 'login_required' });
    const hers = await step({ prompt: 'none', id_token_hint: await idToken(ben) }, ben);
    expect(hers.kind === 'redirect' && answer(hers.location)['code']).toBeTruthy();
  });

  it('does not let a session through that a forged or foreign token names', async () => {
    const { anna, step, idToken } = house();
    const good = await idToken(anna);
    const [header, payload] = good.split('.');
    for (const id_token_hint of [
      'nonsense',
      `${header}.${payload}.${'A'.repeat(86)}`,
      `${Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url')}.${payload}.`,
      await idToken(anna, { iss: 'https://other.example' }),
      await idToken(anna, {}, 'at+jwt'),
      await idToken(anna, {}, 'logout+jwt'),
      await idToken(anna, { aud: ['a', 'b'] }),
      'x'.repeat(10_000),
    ])
      expect((await step({ id_token_hint }, anna)).kind).toBe('sign-in');
  });

  it('is refused when it was given to another client', async () => {
    const { anna, step, idToken } = house();
    const id_token_hint = await idToken(anna, { aud: 'c_other' });
    expect(await step({ id_token_hint }, anna)).toMatchObject({ kind: 'refusal', view: { code: 'invalid_request' } });
  });
});

describe('an answer without a page', () => {
  it('is a code where a stored consent suffices, and the journey is over then', async () => {
    const { core, anna, begin, consented } = house();
    await consented();
    const { interactionId } = await begin({ prompt: 'none' }, anna);
    const step = await core.authorization.step(interactionId, BROWSER, anna);
    expect(step.kind === 'redirect' && answer(step.location)).toMatchObject({ state: 'xyz', iss: ISSUER });
    await expect(core.authorization.step(interactionId, BROWSER, anna)).rejects.toEqual(
      refusal('invalid_request', 'unknown_interaction'),
    );
  });

  it('says that a person must be asked each time to a client that anybody could pose as', async () => {
    const { core, anna, step } = house({ ...VOUCHED, authMethod: 'none' });
    const next = await step({ prompt: 'none' }, anna);
    expect(next.kind === 'redirect' && answer(next.location)).toMatchObject({ error: 'interaction_required' });
    expect(next).toMatchObject({ refusal: { code: 'interaction_required', reason: 'consent_needed' } });
    // Nobody was asked, so nobody denied anything: a client may ask every minute.
    expect(core.database.audit).toEqual([]);
  });

  it('never sends a person on to the address of a client that nobody vouches for', async () => {
    const { core, anna, step, begin } = house({ origin: 'dynamic', redirectUris: ['https://evil.example/cb'] });
    for (const [change, person, code] of [
      [{}, undefined, 'login_required'],
      [{}, anna, 'interaction_required'],
      [{ scope: 'nonsense' }, undefined, 'invalid_scope'],
    ] as const)
      expect(await step({ prompt: 'none', ...change }, person)).toMatchObject({ kind: 'refusal', view: { code } });
    // The honest one gets its answer after a click.
    const { interactionId } = await begin({ prompt: 'none' });
    const { location } = await core.authorization.deliverRefusal(interactionId, BROWSER, undefined);
    expect(answer(location)).toMatchObject({ error: 'login_required', state: 'xyz' });
  });
});
