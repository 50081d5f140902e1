import { describe, expect, it } from '@jest/globals';
import { approvedCode, authorizationRequest, BROWSER, form, memoryCore, VERIFIER } from '../testing/memory-core.js';

const client = (name: string) => ({
  client_name: name,
  redirect_uris: ['http://127.0.0.1/callback'],
  token_endpoint_auth_method: 'none',
  grant_types: ['authorization_code', 'refresh_token'],
});

function house(unusedClientBudget: number) {
  const core = memoryCore({ policy: { unusedClientBudget } });
  const resource = core.resource();
  let flooded = 0;
  return {
    core,
    resource,
    register: async (name: string) => {
      const { client_id } = await core.registration.register(client(name));
      return core.database.clients.get(client_id)!;
    },
    flood: async (count: number) => {
      for (let sent = 0; sent < count; sent += 500) {
        core.clock.advance(1);
        const batch = Array.from({ length: Math.min(500, count - sent) }, () =>
          client(`flood ${String((flooded += 1))}`),
        );
        await Promise.all(batch.map((metadata) => core.registration.register(metadata)));
      }
    },
    redeem: (clientId: string, code: string) =>
      core.token.handle({
        parameters: form({ grant_type: 'authorization_code', client_id: clientId, code, code_verifier: VERIFIER }),
      }),
  };
}

describe('a flood of 10,000 registrations (AS-104)', () => {
  it('is stored to the budget only, and locks out nobody who comes in its midst', async () => {
    const { core, resource, register, flood, redeem } = house(1000);
    const used = await register('used before');
    await redeem(used.id, await approvedCode(core, used, resource));

    const onTheWay = await register('on the way');
    const person = core.person(resource);
    const parameters = authorizationRequest(onTheWay, resource);
    const { interactionId } = await core.authorization.start({ parameters, browser: BROWSER, person });

    await flood(5000);
    const midst = await register('in the midst');
    const code = await approvedCode(core, midst, resource);
    await flood(5000);

    expect(core.database.clients.size).toBeLessThan(1000 * 1.1 + 3);
    const decision = { approve: true, scopes: ['invoices:read'] } as const;
    const { location } = await core.authorization.decide(interactionId, BROWSER, person, decision);
    await expect(redeem(onTheWay.id, new URL(location).searchParams.get('code')!)).resolves.toBeDefined();
    await expect(redeem(midst.id, code)).resolves.toBeDefined();
    await expect(approvedCode(core, used, resource)).resolves.toBeDefined();
    const late = await register('after it');
    await expect(redeem(late.id, await approvedCode(core, late, resource))).resolves.toBeDefined();
  });

  it('costs one look at the quarantine for many registrations', async () => {
    const { core, flood } = house(1000);
    await flood(1);
    const before = core.database.verbs;
    await flood(200);
    // Each registration is two verbs here, for it is looked for first; a look every 1000 / 20 of them.
    expect(core.database.verbs - before).toBe(2 * 200 + 200 / 50);
  });

  it('pushes out nobody as long as the budget is kept', async () => {
    const { core, flood } = house(1000);
    await flood(1000);
    expect(core.database.clients.size).toBe(1000);
    expect(core.auditTypes()).not.toContain('client.reaped');
  });
});

describe('the use of a client', () => {
  it('ends its quarantine, and is written once a day', async () => {
    const { core, resource, register, redeem } = house(1000);
    const one = await register('one');
    expect(await core.usage.find(one.id)).toBeUndefined();
    const first = core.clock.now();
    const { refresh_token } = await redeem(one.id, await approvedCode(core, one, resource));
    expect(await core.usage.find(one.id)).toEqual({ firstUsedAt: first, lastUsedAt: first });
    expect(core.database.registrations.get(one.id)?.unusedSince).toBeUndefined();

    const refresh = async (token: string) =>
      (
        await core.token.handle({
          parameters: form({ grant_type: 'refresh_token', client_id: one.id, refresh_token: token }),
        })
      ).refresh_token!;
    const before = core.database.verbs;
    const second = await refresh(refresh_token!);
    expect(core.database.verbs - before).toBe(3);
    core.clock.advance(86_400);
    await refresh(second);
    expect(await core.usage.find(one.id)).toEqual({ firstUsedAt: first, lastUsedAt: core.clock.now() });
  });

  it('does not take the tokens back when nobody can write it down, and is written the next time', async () => {
    const { core, resource, register, redeem } = house(1000);
    const one = await register('one');
    const write = core.usage.used.bind(core.usage);
    core.usage.used = () => Promise.reject(new Error('away'));
    await expect(redeem(one.id, await approvedCode(core, one, resource))).resolves.toHaveProperty('access_token');
    core.usage.used = write;
    await redeem(one.id, await approvedCode(core, one, resource));
    expect(await core.usage.find(one.id)).toBeDefined();
  });

  it('is not what a client says: a failed flow leaves it in quarantine', async () => {
    const { core, resource, register, redeem } = house(1000);
    const one = await register('one');
    await approvedCode(core, one, resource);
    await expect(redeem(one.id, 'ghc_guess')).rejects.toMatchObject({ code: 'invalid_grant' });
    expect(await core.usage.find(one.id)).toBeUndefined();
    expect(core.database.registrations.get(one.id)?.unusedSince).toBeInstanceOf(Date);
  });
});

describe('beyond the limit of new clients from one network (AS-104)', () => {
  const ADDRESS = '203.0.113.7';
  const limited = { code: 'too_many_requests', reason: 'rate_limited', status: 429, retryAfter: 60 };

  it('a flooder is slowed down, and clients of other networks are not', async () => {
    const { core } = house(1000);
    core.registrationAttempts.most = 3;
    for (const name of ['a', 'b', 'c']) await core.registration.register(client(name), undefined, ADDRESS);
    await expect(core.registration.register(client('d'), undefined, ADDRESS)).rejects.toMatchObject(limited);
    const confidential = { redirect_uris: ['https://app.example/cb'] };
    await expect(core.registration.register(confidential, undefined, ADDRESS)).rejects.toMatchObject(limited);
    await expect(core.registration.register(client('d'), undefined, '198.51.100.1')).resolves.toBeDefined();
  });

  it('an honest client that others have registered before gets in from that very address, and one with a token of its own', async () => {
    const { core } = house(1000);
    const { client_id } = await core.registration.register(client('hosted assistant'), undefined, '198.51.100.1');
    core.registrationAttempts.most = 0;
    const again = await core.registration.register(client('hosted assistant'), undefined, ADDRESS);
    expect(again.client_id).toBe(client_id);
    const { token } = await core.initialAccess.create({ label: 'team', uses: 1, lifetime: 60 });
    await expect(core.registration.register(client('team'), `Bearer ${token}`, ADDRESS)).resolves.toBeDefined();
  });
});
