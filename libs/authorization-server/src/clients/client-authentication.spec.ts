import { after, basic, newSecret, OAuthError } from '@gatehouse/protocol';
import { describe, expect, it } from '@jest/globals';
import { form, memoryCore, TestVault } from '../testing/memory-core.js';
import { CLIENT_ASSERTION_TYPE, type ClientAssertions } from './client-assertion.js';
import { ClientAuthentication } from './client-authentication.js';
import type { Client } from './client.js';
import { Secrets } from './secrets.js';

const SECRET = 'se:cr%et+ value';

function house() {
  const core = memoryCore();
  const confidential = (method: Client['authMethod'], overrides: Partial<Client> = {}) =>
    core.client({ authMethod: method, secrets: [{ hash: core.secrets.hash(SECRET) }], ...overrides });
  const authenticate = (values: Record<string, string | undefined>, authorization?: string) =>
    core.clientAuthentication.authenticate({
      parameters: form(values),
      ...(authorization === undefined ? {} : { authorization }),
    });
  return { core, confidential, authenticate };
}
const refusal = (code: string, reason: string, status: number) => expect.objectContaining({ code, reason, status });

describe('an honest client', () => {
  it('is known by its id alone when it is public', async () => {
    const { core, authenticate } = house();
    const client = core.client();
    await expect(authenticate({ client_id: client.id })).resolves.toEqual(client);
  });

  it('is known by its secret in the header, odd characters included', async () => {
    const { confidential, authenticate } = house();
    const client = confidential('client_secret_basic');
    await expect(authenticate({}, basic(client.id, SECRET))).resolves.toEqual(client);
    await expect(authenticate({ client_id: client.id }, basic(client.id, SECRET))).resolves.toEqual(client);
  });

  it('is known by its secret in the body', async () => {
    const { confidential, authenticate } = house();
    const client = confidential('client_secret_post');
    await expect(authenticate({ client_id: client.id, client_secret: SECRET })).resolves.toEqual(client);
  });

  it('may use either of two secrets while one replaces the other, and the old one no longer after its end', async () => {
    const { core, confidential, authenticate } = house();
    const next = newSecret('ghs_');
    const secrets = [
      { hash: core.secrets.hash(SECRET), expiresAt: after(core.clock.now(), 60) },
      { hash: core.secrets.hash(next) },
    ];
    const client = confidential('client_secret_basic', { secrets });
    for (const secret of [SECRET, next])
      await expect(authenticate({}, basic(client.id, secret))).resolves.toBeDefined();
    core.clock.advance(60);
    await expect(authenticate({}, basic(client.id, next))).resolves.toBeDefined();
    await expect(authenticate({}, basic(client.id, SECRET))).rejects.toEqual(
      refusal('invalid_client', 'expired_client_secret', 401),
    );
  });
});

describe('an attacker', () => {
  it('is refused with a wrong secret, by header with 401 and by body with 400', async () => {
    const { confidential, authenticate } = house();
    const inHeader = confidential('client_secret_basic');
    const inBody = confidential('client_secret_post');
    await expect(authenticate({}, basic(inHeader.id, 'wrong'))).rejects.toEqual(
      refusal('invalid_client', 'wrong_client_secret', 401),
    );
    await expect(authenticate({ client_id: inBody.id, client_secret: 'wrong' })).rejects.toEqual(
      refusal('invalid_client', 'wrong_client_secret', 400),
    );
  });

  it('cannot leave the secret out, empty it, or send the stored hash', async () => {
    const { confidential, authenticate } = house();
    const client = confidential('client_secret_basic');
    await expect(authenticate({ client_id: client.id })).rejects.toEqual(
      refusal('invalid_client', 'wrong_client_auth_method', 400),
    );
    for (const secret of ['', client.secrets[0]!.hash])
      await expect(authenticate({}, basic(client.id, secret))).rejects.toEqual(
        refusal('invalid_client', 'wrong_client_secret', 401),
      );
  });

  it('cannot choose another method than the registered one', async () => {
    const { core, confidential, authenticate } = house();
    const inHeader = confidential('client_secret_basic');
    const inBody = confidential('client_secret_post');
    const open = core.client();
    const wrong = (status: number) => refusal('invalid_client', 'wrong_client_auth_method', status);
    await expect(authenticate({ client_id: inHeader.id, client_secret: SECRET })).rejects.toEqual(wrong(400));
    await expect(authenticate({}, basic(inBody.id, SECRET))).rejects.toEqual(wrong(401));
    await expect(authenticate({}, basic(open.id, ''))).rejects.toEqual(wrong(401));
    await expect(authenticate({ client_id: open.id, client_secret: 'x' })).rejects.toEqual(wrong(400));
    await expect(authenticate({ client_id: open.id }, 'Bearer abc')).rejects.toEqual(wrong(401));
    await expect(authenticate({ client_id: open.id, client_assertion: 'a.b.c' })).rejects.toEqual(wrong(400));
  });

  it('breaks nothing with a subject that is no text (AS-52)', async () => {
    const { authenticate } = house();
    for (const sub of [{ toString: 1 }, ['c_1'], 7, null]) {
      const payload = Buffer.from(JSON.stringify({ sub })).toString('base64url');
      const client_assertion = `e30.${payload}.`;
      await expect(authenticate({ client_assertion, client_assertion_type: CLIENT_ASSERTION_TYPE })).rejects.toEqual(
        refusal('invalid_client', 'malformed_client_assertion', 400),
      );
    }
  });

  it('cannot use two methods at once, nor two names', async () => {
    const { confidential, authenticate } = house();
    const client = confidential('client_secret_basic');
    const header = basic(client.id, SECRET);
    const two = refusal('invalid_request', 'two_client_auth_methods', 400);
    await expect(authenticate({ client_id: client.id, client_secret: SECRET }, header)).rejects.toEqual(two);
    await expect(authenticate({ client_secret: SECRET }, header)).rejects.toEqual(two);
    await expect(authenticate({ client_assertion: 'a.b.c' }, header)).rejects.toEqual(two);
    await expect(authenticate({ client_id: 'c_other' }, header)).rejects.toEqual(two);
  });

  it('is refused as unknown with any id that is none, without reaching the store', async () => {
    const { core, authenticate } = house();
    for (const id of ['c_unknown', 'c\u0000', 'ä', ' ', 'x'.repeat(2001)]) {
      await expect(authenticate({}, basic(id, 'x'))).rejects.toEqual(refusal('invalid_client', 'unknown_client', 401));
    }
    expect(core.database.verbs).toBe(1);
    await expect(authenticate({})).rejects.toEqual(refusal('invalid_client', 'missing_parameter', 400));
    await expect(authenticate({}, 'Basic !')).rejects.toEqual(refusal('invalid_client', 'malformed_request', 401));
  });

  it('gets nothing from a disabled client, whose secret is right', async () => {
    const { core, confidential, authenticate } = house();
    const client = confidential('client_secret_basic', { disabledAt: core.clock.now() });
    await expect(authenticate({}, basic(client.id, SECRET))).rejects.toEqual(
      refusal('invalid_client', 'disabled_client', 401),
    );
    const open = core.client({ disabledAt: core.clock.now() });
    await expect(authenticate({ client_id: open.id })).rejects.toEqual(
      refusal('invalid_client', 'disabled_client', 400),
    );
  });
});

describe('a secret that is stored under a key which was replaced', () => {
  /** The same house after a start with other key-encryption keys. */
  function withKeys(core: ReturnType<typeof memoryCore>, ...masters: string[]) {
    const vault = new TestVault();
    vault.masters = masters;
    const secrets = new Secrets(vault);
    const { clock, directory: clients } = core;
    // A secret never comes to an assertion.
    return new ClientAuthentication({ clock, clients, secrets, assertions: {} as ClientAssertions });
  }

  it('is stored under the newest at its next use, at the cost of one write, so that the old key may go', async () => {
    const { core, confidential } = house();
    const ending = { hash: core.secrets.hash(SECRET), expiresAt: after(core.clock.now(), 60) };
    const client = confidential('client_secret_basic', { secrets: [ending] });
    const request = { parameters: form({}), authorization: basic(client.id, SECRET) };
    const verbs = async (masters: readonly string[]) => {
      const before = core.database.verbs;
      await withKeys(core, ...masters).authenticate(request);
      return core.database.verbs - before;
    };
    expect(await verbs(['newest'])).toBe(1);
    expect(await verbs(['replacement', 'newest'])).toBe(2);
    expect(await verbs(['replacement', 'newest'])).toBe(1);
    expect(await verbs(['replacement'])).toBe(1);
    expect(core.database.clients.get(client.id)?.secrets).toEqual([{ ...ending, hash: expect.any(String) }]);
    core.clock.advance(60);
    await expect(withKeys(core, 'replacement').authenticate(request)).rejects.toEqual(
      refusal('invalid_client', 'expired_client_secret', 401),
    );
  });

  it('is not stored anew for who does not know it, or may not use it', async () => {
    const { core, confidential } = house();
    const client = confidential('client_secret_basic');
    const renewed = withKeys(core, 'replacement', 'newest');
    const attempt = (secret: string) =>
      renewed.authenticate({ parameters: form({}), authorization: basic(client.id, secret) });
    await expect(attempt('wrong')).rejects.toEqual(refusal('invalid_client', 'wrong_client_secret', 401));
    core.database.disableClient(client.id, core.clock.now());
    await expect(attempt(SECRET)).rejects.toEqual(refusal('invalid_client', 'disabled_client', 401));
    expect(core.database.clients.get(client.id)?.secrets).toEqual(client.secrets);
  });

  it('lets the client in although it cannot be stored now', async () => {
    const { core, confidential } = house();
    const client = confidential('client_secret_basic');
    core.clients.renewSecret = () => Promise.reject(new OAuthError('temporarily_unavailable', 'store_unavailable'));
    const request = { parameters: form({}), authorization: basic(client.id, SECRET) };
    await expect(withKeys(core, 'replacement', 'newest').authenticate(request)).resolves.toEqual(client);
  });
});
