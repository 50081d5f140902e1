import { describe, expect, it } from '@jest/globals';
import { memoryCore } from '../testing/memory-core.js';

const PROXY = {
  client_name: 'Hosted assistant',
  redirect_uris: ['https://assistant.example/callback', 'https://assistant.example/other'],
  token_endpoint_auth_method: 'none',
  grant_types: ['authorization_code', 'refresh_token'],
};

describe('registrations of the same public client', () => {
  it('share one record, for a hosted client registers at each connection (AS-104)', async () => {
    const core = memoryCore();
    const first = await core.registration.register(PROXY);
    core.clock.advance(3600);
    const [redirectB, redirectA] = PROXY.redirect_uris;
    const later = await Promise.all(
      Array.from({ length: 42 }, (_, index) =>
        core.registration.register({
          ...PROXY,
          redirect_uris: index % 2 === 0 ? [redirectA, redirectB] : PROXY.redirect_uris,
        }),
      ),
    );
    for (const each of later) expect(each).toEqual(first);
    expect(core.database.clients.size).toBe(1);
    expect(core.auditTypes()).toEqual(['client.registered']);
  });

  it.each([
    { client_name: 'Hosted assistant 2' },
    { redirect_uris: ['https://assistant.example/callback'] },
    { redirect_uris: ['https://assistant.example/callback', 'https://evil.example/other'] },
    { grant_types: ['authorization_code'] },
    { client_uri: 'https://assistant.example' },
    { software_id: 'a' },
    { software_version: '1' },
    { application_type: 'native' },
  ])('are not mixed with one that differs: %j', async (difference) => {
    const core = memoryCore();
    const one = await core.registration.register(PROXY);
    const other = await core.registration.register({ ...PROXY, ...difference });
    expect(other.client_id).not.toBe(one.client_id);
  });

  it('give nobody a say over the others: none gets a management token, and none is taken (AS-105)', async () => {
    const core = memoryCore();
    const victim = await core.registration.register(PROXY);
    const attacker = await core.registration.register(PROXY);
    expect(attacker.client_id).toBe(victim.client_id);
    for (const member of ['registration_access_token', 'registration_client_uri', 'client_secret'])
      expect(attacker).not.toHaveProperty(member);
    const own = await core.registration.register({ ...PROXY, token_endpoint_auth_method: 'client_secret_basic' });
    const before = core.database.clients.get(victim.client_id);
    const hijack = { ...PROXY, client_id: victim.client_id, redirect_uris: ['https://evil.example/cb'] };
    for (const token of [own.registration_access_token!, 'undefined', 'ghm_x']) {
      const attempts = [
        core.clientConfiguration.read(victim.client_id, `Bearer ${token}`),
        core.clientConfiguration.replace(victim.client_id, hijack, `Bearer ${token}`),
        core.clientConfiguration.remove(victim.client_id, `Bearer ${token}`),
      ];
      for (const attempt of attempts)
        await expect(attempt).rejects.toMatchObject({ code: 'invalid_token', status: 401 });
    }
    expect(core.database.clients.get(victim.client_id)).toEqual(before);
  });

  it('are refused while the client is disabled: asking again does not bring it back', async () => {
    const core = memoryCore();
    const { client_id } = await core.registration.register(PROXY);
    core.database.disableClient(client_id, core.clock.now());
    await expect(core.registration.register(PROXY)).rejects.toMatchObject({
      code: 'invalid_client_metadata',
      reason: 'disabled_client',
    });
    expect(core.database.clients.size).toBe(1);
  });

  it('are two when there is a secret, a key or a token to keep apart', async () => {
    const core = memoryCore();
    const twice = async (register: () => Promise<{ client_id: string }>) =>
      new Set([(await register()).client_id, (await register()).client_id]).size;
    expect(
      await twice(() => core.registration.register({ ...PROXY, token_endpoint_auth_method: 'client_secret_post' })),
    ).toBe(2);
    const jwks_uri = 'https://assistant.example/jwks';
    expect(
      await twice(() =>
        core.registration.register({ ...PROXY, token_endpoint_auth_method: 'private_key_jwt', jwks_uri }),
      ),
    ).toBe(2);
    const { token } = await core.initialAccess.create({ label: 'x', uses: 2, lifetime: 60 });
    expect(await twice(() => core.registration.register(PROXY, `Bearer ${token}`))).toBe(2);
  });
});

describe('a registration that finds its shared client deleted again and again', () => {
  it('is told to come again, and not that it had shown a bad token', async () => {
    const core = memoryCore();
    core.registrations.admit = () => Promise.resolve(undefined);
    const public_ = { redirect_uris: ['http://127.0.0.1/cb'], token_endpoint_auth_method: 'none' };
    await expect(core.registration.register(public_)).rejects.toMatchObject({
      code: 'temporarily_unavailable',
      reason: 'unexpected',
    });
  });
});
