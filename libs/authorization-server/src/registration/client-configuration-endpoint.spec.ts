import { basic, type ClientId } from '@gatehouse/protocol';
import { describe, expect, it } from '@jest/globals';
import { approvedCode, form, ISSUER, memoryCore, VERIFIER } from '../testing/memory-core.js';

const LOOPBACK = 'http://127.0.0.1/callback';
const CONFIDENTIAL = {
  redirect_uris: [LOOPBACK],
  client_name: 'Ledger',
  token_endpoint_auth_method: 'client_secret_basic',
};

async function house() {
  const core = memoryCore();
  const information = await core.registration.register(CONFIDENTIAL);
  const id = information.client_id;
  const bearer = `Bearer ${information.registration_access_token!}`;
  return {
    core,
    information,
    id,
    bearer,
    read: (authorization: string | undefined = bearer, of: string = id) =>
      core.clientConfiguration.read(of, authorization),
    put: (change: Record<string, unknown> = {}, authorization: string | undefined = bearer) =>
      core.clientConfiguration.replace(id, { ...CONFIDENTIAL, client_id: id, ...change }, authorization),
    remove: (authorization: string | undefined = bearer) => core.clientConfiguration.remove(id, authorization),
    stored: () => core.database.clients.get(id),
  };
}
const refusal = (code: string, reason: string, status: number) => expect.objectContaining({ code, reason, status });

describe('a client that manages itself', () => {
  it('is told where and with which token when it registers (AS-105)', async () => {
    const { core, information, id } = await house();
    expect(information.registration_access_token).toMatch(/^ghm_[A-Za-z0-9_-]{43}$/);
    expect(information.registration_client_uri).toBe(`${ISSUER}/register/${id}`);
    expect(JSON.stringify([...core.database.registrations])).not.toContain(
      information.registration_access_token!.slice(4),
    );
  });

  it('reads its registration as often as it likes, without its secret and with the same token (AS-105)', async () => {
    const { information, read } = await house();
    const { client_secret: _, client_secret_expires_at: __, ...public_ } = information;
    expect(await read()).toEqual(public_);
    expect(await read()).toEqual(public_);
  });

  it('replaces what it says of itself, and what it leaves out gets its default (AS-105)', async () => {
    const { core, put, read, id, information } = await house();
    await put({
      client_uri: 'https://ledger.example',
      software_id: 'ledger',
      grant_types: ['authorization_code', 'refresh_token'],
    });
    expect(await read()).toMatchObject({
      client_uri: 'https://ledger.example',
      grant_types: ['authorization_code', 'refresh_token'],
    });
    const answer = await put({
      client_name: 'Ledger 2',
      redirect_uris: ['https://ledger.example/cb'],
      client_secret: information.client_secret,
    });
    expect(answer).toMatchObject({
      client_id: id,
      client_name: 'Ledger 2',
      redirect_uris: ['https://ledger.example/cb'],
      application_type: 'web',
      grant_types: ['authorization_code'],
      registration_access_token: information.registration_access_token,
    });
    for (const member of ['client_uri', 'software_id', 'client_secret']) expect(answer).not.toHaveProperty(member);
    expect(await read()).toEqual(answer);
    expect(core.auditTypes()).toEqual(['client.registered', 'client.changed', 'client.changed']);
    const authorization = basic(id, information.client_secret!);
    await expect(
      core.clientAuthentication.authenticate({ parameters: form({}), authorization }),
    ).resolves.toBeDefined();
  });

  it('may become public and confidential again, and then gets a new secret; the old one is dead', async () => {
    const { core, put, id, information } = await house();
    expect(await put({ token_endpoint_auth_method: 'none' })).not.toHaveProperty('client_secret');
    const again = await put();
    expect(again.client_secret).toMatch(/^ghs_/);
    const known = (secret: string) =>
      core.clientAuthentication.authenticate({ parameters: form({}), authorization: basic(id, secret) });
    await expect(known(again.client_secret!)).resolves.toBeDefined();
    await expect(known(information.client_secret!)).rejects.toMatchObject({ reason: 'wrong_client_secret' });
  });

  it('ends with its tokens when it says so, and its own token with it (AS-105)', async () => {
    const { core, id, bearer, put, remove, read } = await house();
    await put({ token_endpoint_auth_method: 'none', grant_types: ['authorization_code', 'refresh_token'] });
    const client = core.database.clients.get(id)!;
    const resource = core.resource();
    const redeem = async () =>
      core.token.handle({
        parameters: form({
          grant_type: 'authorization_code',
          client_id: id,
          code: await approvedCode(core, client, resource),
          code_verifier: VERIFIER,
        }),
      });
    const { refresh_token } = await redeem();
    const code = await approvedCode(core, client, resource);
    await remove();
    const attempt = (parameters: Readonly<Record<string, string | undefined>>) =>
      core.token.handle({ parameters: form({ client_id: id, ...parameters }) });
    for (const parameters of [
      { grant_type: 'refresh_token', refresh_token: refresh_token! },
      { grant_type: 'authorization_code', code, code_verifier: VERIFIER },
    ])
      await expect(attempt(parameters)).rejects.toMatchObject({ code: 'invalid_client', reason: 'unknown_client' });
    await expect(read(bearer)).rejects.toEqual(refusal('invalid_token', 'unknown_client', 401));
    await expect(remove()).rejects.toEqual(refusal('invalid_token', 'unknown_client', 401));
    expect(core.auditTypes()).toContain('client.removed');
  });
});

describe('somebody else', () => {
  it('learns nothing and changes nothing without the token, and cannot tell a client that is from one that is not (AS-105)', async () => {
    const { core, id, read, put, remove, stored } = await house();
    const before = stored();
    const other = await core.registration.register({ ...CONFIDENTIAL, client_name: 'Other' });
    const wrong = `Bearer ${other.registration_access_token!}`;
    for (const attempt of [read, put.bind(undefined, {}), remove])
      await expect(attempt(wrong)).rejects.toEqual(refusal('invalid_token', 'wrong_registration_token', 401));
    const unknown = await read(wrong, 'c_unknown').catch((error: unknown) => error);
    const known = await read(wrong, id).catch((error: unknown) => error);
    const seen = ({ code, status, description }: { code: string; status: number; description: string }) => [
      code,
      status,
      description,
    ];
    expect(seen(unknown as never)).toEqual(seen(known as never));
    await expect(read(wrong, '\u0000')).rejects.toMatchObject({ code: 'invalid_token', reason: 'unknown_client' });
    expect(stored()).toEqual(before);
  });

  it.each([
    ['no token', '', 'malformed_registration_token'],
    ['a secret', 'Basic eDp5', 'malformed_registration_token'],
    ['an empty token', 'Bearer ', 'malformed_registration_token'],
    ['two tokens', 'Bearer a, Bearer b', 'malformed_registration_token'],
    ['a huge one', `Bearer ${'a'.repeat(100_000)}`, 'malformed_registration_token'],
  ])('is refused with %s', async (_what, authorization, reason) => {
    const { read, put, remove } = await house();
    for (const attempt of [() => read(authorization), () => put({}, authorization), () => remove(authorization)])
      await expect(attempt()).rejects.toEqual(refusal('invalid_token', reason, 401));
  });

  it('is asked for a token when there is none', async () => {
    const { core, id } = await house();
    await expect(core.clientConfiguration.read(id, undefined)).rejects.toEqual(
      refusal('invalid_token', 'no_registration_token', 401),
    );
  });

  it('gains nothing from the client secret or an initial access token in place of the management token', async () => {
    const { core, read, information } = await house();
    const { token } = await core.initialAccess.create({ label: 'x', uses: 1, lifetime: 60 });
    for (const wrong of [information.client_secret!, token])
      await expect(read(`Bearer ${wrong}`)).rejects.toEqual(refusal('invalid_token', 'wrong_registration_token', 401));
  });
});

describe('a change', () => {
  it.each([
    [{ redirect_uris: ['http://app.example/cb'] }, 'invalid_redirect_uri', 'invalid_redirect_uri'],
    [{ redirect_uris: ['javascript:alert(1)'] }, 'invalid_redirect_uri', 'forbidden_redirect_scheme'],
    [{ redirect_uris: ['https://app.example/cb?code=x'] }, 'invalid_redirect_uri', 'invalid_redirect_uri'],
    [{ redirect_uris: [] }, 'invalid_redirect_uri', 'invalid_redirect_uri'],
    [{ application_type: 'web' }, 'invalid_redirect_uri', 'invalid_application_type'],
    [{ token_endpoint_auth_method: 'client_secret_jwt' }, 'invalid_client_metadata', 'invalid_client_metadata'],
    [{ token_endpoint_auth_method: 'private_key_jwt' }, 'invalid_client_metadata', 'invalid_client_metadata'],
    [{ grant_types: ['client_credentials'] }, 'invalid_client_metadata', 'invalid_client_metadata'],
    [{ grant_types: ['refresh_token'] }, 'invalid_client_metadata', 'invalid_client_metadata'],
    [{ response_types: ['token'] }, 'invalid_client_metadata', 'invalid_client_metadata'],
    [{ client_name: 'a'.repeat(101) }, 'invalid_client_metadata', 'invalid_client_metadata'],
  ] as const)(
    'to what may not be registered is refused like the registration itself: %j',
    async (change, code, reason) => {
      const { core, put, stored } = await house();
      const before = stored();
      await expect(put(change)).rejects.toEqual(refusal(code, reason, 400));
      await expect(core.registration.register({ ...CONFIDENTIAL, ...change })).rejects.toEqual(
        refusal(code, reason, 400),
      );
      expect(stored()).toEqual(before);
    },
  );

  it.each([
    [{ client_id: undefined }, 'metadata_of_other_client'],
    [{ client_id: 'c_other' }, 'metadata_of_other_client'],
    [{ client_id: ['x'] }, 'metadata_of_other_client'],
    [{ registration_access_token: 'ghm_mine' }, 'server_managed_metadata'],
    [{ registration_client_uri: 'https://evil.example' }, 'server_managed_metadata'],
    [{ client_id_issued_at: 1 }, 'server_managed_metadata'],
    [{ client_secret_expires_at: 0 }, 'server_managed_metadata'],
    [{ client_secret: 'chosen' }, 'wrong_client_secret'],
    [{ client_secret: { length: 9 } }, 'wrong_client_secret'],
  ])('of what is not its own to say is refused: %j (AS-105)', async (change, reason) => {
    const { put, stored } = await house();
    const before = stored();
    await expect(put(change)).rejects.toEqual(refusal('invalid_client_metadata', reason, 400));
    expect(stored()).toEqual(before);
  });

  it('gives it no right: neither scopes, origin nor standing', async () => {
    const { core, id, put } = await house();
    core.database.clients.set(id, { ...core.database.clients.get(id)!, scopes: ['invoices:read'] });
    await put({ origin: 'pre-registered', scope: 'invoices:refund', scopes: ['invoices:refund'], disabledAt: null });
    expect(core.database.clients.get(id)).toMatchObject({ origin: 'dynamic', scopes: ['invoices:read'] });
  });

  it.each([null, [], 'x', 7])('that is no object is refused: %j', async (body) => {
    const { core, id, bearer } = await house();
    await expect(core.clientConfiguration.replace(id, body, bearer)).rejects.toMatchObject({
      code: 'invalid_client_metadata',
    });
  });

  it('drops the consents given to what it was before', async () => {
    const { core, id, put } = await house();
    const consent = {
      accountId: core.database.addAccount(),
      clientId: id,
      resource: core.resource().identifier,
      scopes: ['x'],
      grantedAt: core.clock.now(),
    };
    core.database.consents.set('one', consent);
    core.database.consents.set('other', { ...consent, clientId: 'c_other' as ClientId });
    await put({ client_name: 'Somebody trustworthy' });
    expect([...core.database.consents.keys()]).toEqual(['other']);
  });
});

describe('a disabled client', () => {
  it('can neither be read, changed nor removed by its token: it would come back by it (AS-105)', async () => {
    const { core, id, read, put, remove, stored } = await house();
    core.database.disableClient(id, core.clock.now());
    const before = stored();
    for (const attempt of [read, put, remove])
      await expect(attempt()).rejects.toEqual(refusal('access_denied', 'disabled_client', 403));
    await expect(read('Bearer ghm_wrong')).rejects.toEqual(refusal('invalid_token', 'wrong_registration_token', 401));
    expect(stored()).toEqual(before);
  });

  it('is not changed by a request that was under way when it was disabled', async () => {
    const { core, id, put, stored } = await house();
    const late = expect(put({ client_name: 'Back again' })).rejects.toEqual(
      refusal('access_denied', 'disabled_client', 403),
    );
    await new Promise((resolve) => setImmediate(resolve));
    core.database.disableClient(id, core.clock.now());
    await late;
    expect(stored()).toMatchObject({ name: 'Ledger', disabledAt: expect.any(Date) });
  });

  it('that an operator took over is no longer its own', async () => {
    const { core, id, read, put, remove } = await house();
    core.database.clients.set(id, { ...core.database.clients.get(id)!, origin: 'pre-registered' });
    for (const attempt of [read, put, remove])
      await expect(attempt()).rejects.toEqual(refusal('access_denied', 'client_not_dynamic', 403));
  });
});
