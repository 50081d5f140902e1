import { secondsSinceEpoch } from '@gatehouse/protocol';
import { describe, expect, it } from '@jest/globals';
import type { SignedInPerson } from '../authorize/interaction.js';
import type { Client } from '../clients/client.js';
import { form, ISSUER, memoryCore } from '../testing/memory-core.js';
import { aPerson } from '../testing/store-seeds.js';
import { IdTokenHints } from './id-token-hints.js';
import { LogoutEndpoint } from './logout-endpoint.js';

const HOME = 'https://app.example/bye';
const refusal = (code: string, reason: string) => expect.objectContaining({ code, reason });
type Change = Readonly<Record<string, string | undefined>>;

function house(overrides: Partial<Client> = {}) {
  const core = memoryCore();
  const client = core.client({ postLogoutRedirectUris: [HOME, `${HOME}?lang=de`], ...overrides });
  const anna = core.person(core.resource());
  const endpoint = new LogoutEndpoint({ clients: core.directory, hints: core.idTokenHints });
  const hint = (of: SignedInPerson = anna, change: object = {}, typ = 'JWT') => {
    const iat = secondsSinceEpoch(core.clock.now()) - 86_400;
    const claims = { iss: ISSUER, sub: of.accountId, aud: client.id, iat, exp: iat + 300, sid: of.sid, ...change };
    return core.signer.sign(claims, typ);
  };
  const step = (change: Change, person: SignedInPerson | undefined = anna) => endpoint.step(form(change), person);
  return { core, client, anna, endpoint, hint, step };
}
const there = { destination: { location: HOME, host: 'app.example', origin: 'https://app.example' } };

describe('signing out at the wish of a client', () => {
  it('happens at once when its ID token is of this very session, also long after that has expired', async () => {
    const { step, hint } = house();
    expect(await step({ id_token_hint: await hint() })).toEqual({ kind: 'end' });
    expect(await step({ id_token_hint: await hint(), post_logout_redirect_uri: HOME })).toEqual({
      kind: 'end',
      ...there,
    });
  });

  it('asks the person when the token is of another session or person, and then leads back', async () => {
    const { core, anna, step, hint } = house();
    const ben = core.person(core.resource());
    for (const token of [
      await hint({ ...anna, sid: 'another' }),
      await hint(ben),
      await hint(anna, { sid: undefined }),
    ])
      expect(await step({ id_token_hint: token, post_logout_redirect_uri: HOME })).toEqual({
        kind: 'confirm',
        clientName: 'Ledger assistant',
        ...there,
      });
  });

  it('leads back too when nobody is signed in any more: at once where the operator knows the client', async () => {
    const { endpoint, hint } = house({ origin: 'pre-registered' });
    const parameters = form({ id_token_hint: await hint(), post_logout_redirect_uri: HOME });
    expect(await endpoint.step(parameters, undefined)).toEqual({ kind: 'signed-out', ...there });
  });

  it('is no redirector for whoever registers and gets one ID token: a browser without a session leaves by a click', async () => {
    for (const origin of ['dynamic', 'metadata-document'] as const) {
      const { endpoint, hint } = house({ origin });
      const id_token_hint = await hint();
      const parameters = form({ id_token_hint, post_logout_redirect_uri: HOME });
      expect(await endpoint.step(parameters, undefined)).toEqual({ kind: 'offer', ...there });
      expect(await endpoint.step(form({ id_token_hint }), undefined)).toEqual({ kind: 'signed-out' });
    }
  });

  it('brings the state back, and leaves the rest of the address as it was registered', async () => {
    const { step, hint } = house();
    const id_token_hint = await hint();
    const location = async (uri: string) => {
      const { destination } = await step({ id_token_hint, post_logout_redirect_uri: uri, state: 'a b&c=d' });
      return destination?.location;
    };
    expect(await location(HOME)).toBe(`${HOME}?state=a+b%26c%3Dd`);
    expect(await location(`${HOME}?lang=de`)).toBe(`${HOME}?lang=de&state=a+b%26c%3Dd`);
  });
});

describe('without a hint that is good', () => {
  it('asks the person, and sends nobody anywhere, whatever the link says', async () => {
    const { core, client, anna, endpoint, step, hint } = house();
    const good = await hint();
    const [header, payload] = good.split('.');
    const named = { client_id: client.id, post_logout_redirect_uri: HOME, state: 'x' };
    for (const id_token_hint of [
      undefined,
      'nonsense',
      `${header}.${payload}.${'A'.repeat(86)}`,
      `${Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url')}.${payload}.`,
      await hint(anna, { iss: 'https://other.example' }),
      await hint(anna, {}, 'at+jwt'),
      await hint(anna, {}, 'logout+jwt'),
      await hint(anna, { aud: 'c_unknown' }),
    ]) {
      const change = id_token_hint?.includes('.') && named.client_id ? { ...named, client_id: undefined } : named;
      expect(await step({ ...change, id_token_hint })).toEqual({ kind: 'confirm' });
      expect(await endpoint.step(form({ ...change, id_token_hint }), undefined)).toEqual({ kind: 'signed-out' });
    }
    core.database.disableClient(client.id, core.clock.now());
    expect(await step({ ...named, id_token_hint: good })).toEqual({ kind: 'confirm' });
  });

  it('refuses an address that is not registered, to the letter, and the token of another client', async () => {
    const { client, step, hint } = house({ redirectUris: ['https://app.example/cb', 'http://127.0.0.1/cb'] });
    const id_token_hint = await hint();
    for (const uri of [
      'https://evil.example/',
      `${HOME}/`,
      `${HOME}?x=1`,
      'https://app.example/cb',
      'http://127.0.0.1:1234/cb',
      'HTTPS://app.example/bye',
      'https://app.example:443/bye',
      'https://app.example/%62ye',
    ])
      await expect(step({ id_token_hint, post_logout_redirect_uri: uri })).rejects.toEqual(
        refusal('invalid_request', 'unregistered_post_logout_redirect_uri'),
      );
    await expect(step({ id_token_hint, client_id: 'c_other' })).rejects.toEqual(
      refusal('invalid_request', 'id_token_hint_of_other_client'),
    );
    expect(await step({ id_token_hint, client_id: client.id })).toEqual({ kind: 'end' });
  });

  it('lets a lost key store look like what it is', async () => {
    const { core, hint } = house();
    const lost = new IdTokenHints({
      issuer: ISSUER,
      keys: { verificationKey: () => Promise.reject(new Error('lost')) },
    });
    const endpoint = new LogoutEndpoint({ clients: core.directory, hints: lost });
    await expect(
      endpoint.step(form({ id_token_hint: await hint() }), aPerson(core.database.addAccount())),
    ).rejects.toThrow('lost');
  });
});
