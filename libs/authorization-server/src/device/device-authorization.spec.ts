import type { OAuthError } from '@gatehouse/protocol';
import { describe, expect, it } from '@jest/globals';
import { type Client, DEVICE_CODE_GRANT } from '../clients/client.js';
import { BROWSER, form, ISSUER, memoryCore } from '../testing/memory-core.js';

const refusal = (code: string, reason: string) => expect.objectContaining({ code, reason });
const PENDING = refusal('authorization_pending', 'device_not_approved');
const UNKNOWN_CODE = refusal('invalid_grant', 'unknown_user_code');
const NETWORK = '192.0.2.7';
const APPROVE = { approve: true, scopes: ['invoices:read', 'invoices:write'] } as const;

function house(overrides: Partial<Client> = {}) {
  const core = memoryCore();
  const client = core.client({ grantTypes: [DEVICE_CODE_GRANT, 'refresh_token'], redirectUris: [], ...overrides });
  const resource = core.resource();
  const person = core.person(resource);
  const begin = (change: Readonly<Record<string, string | undefined>> = {}, who = client) =>
    core.deviceAuthorization.begin({
      network: NETWORK,
      parameters: form({
        client_id: who.id,
        resource: resource.identifier,
        scope: 'invoices:read invoices:write',
        ...change,
      }),
    });
  const enter = (interactionId: string, typed: string, who: typeof person | undefined = person) =>
    core.userCodeEntry.enter({ interactionId, browser: BROWSER, person: who, network: NETWORK, typed });
  return {
    core,
    client,
    resource,
    person,
    begin,
    enter,
    start: (userCode?: string, who?: typeof person) =>
      core.userCodeEntry.start({
        browser: BROWSER,
        ...(userCode === undefined ? {} : { userCode }),
        ...(who ? { person: who } : {}),
      }),
    /** The person signs in and types the code of the device. */
    arrive: async (typed: string, who = person) => {
      const { interactionId } = await core.userCodeEntry.start({ browser: BROWSER });
      const next = await core.authorization.signedIn(interactionId, BROWSER, who);
      await enter(next.interactionId, typed, who);
      return next.interactionId;
    },
    poll: (device_code: string, change: Readonly<Record<string, string | undefined>> = {}) =>
      core.token.handle({
        parameters: form({ grant_type: DEVICE_CODE_GRANT, client_id: client.id, device_code, ...change }),
      }),
    audit: () => core.database.audit.map(({ type, reason }) => (reason === undefined ? [type] : [type, reason])),
  };
}

describe('the honest way of a device (AS-114)', () => {
  it('goes from the code over sign-in and consent to tokens', async () => {
    const { core, resource, person, begin, poll, enter, start } = house();
    const device = await begin();
    expect(device).toEqual({
      device_code: expect.stringMatching(/^ghd_[A-Za-z0-9_-]{43}$/),
      user_code: expect.stringMatching(/^[A-Z]{4}-[A-Z]{4}$/),
      verification_uri: `${ISSUER}/device`,
      verification_uri_complete: `${ISSUER}/device?user_code=${device.user_code}`,
      expires_in: 600,
      interval: 5,
    });
    await expect(poll(device.device_code)).rejects.toEqual(PENDING);

    const { interactionId } = await start();
    expect(await core.authorization.step(interactionId, BROWSER)).toEqual({ kind: 'sign-in' });
    const next = await core.authorization.signedIn(interactionId, BROWSER, person);
    expect(await core.authorization.step(next.interactionId, BROWSER, person)).toEqual({ kind: 'user-code' });
    await enter(next.interactionId, device.user_code.toLowerCase());
    expect(await core.authorization.step(next.interactionId, BROWSER, person)).toMatchObject({
      kind: 'consent',
      view: {
        client: { name: 'Ledger assistant' },
        device: { network: NETWORK, startedAt: core.clock.now() },
        resource: { identifier: resource.identifier },
        scopes: [{ name: 'invoices:read' }, { name: 'invoices:write' }],
      },
    });
    const { location } = await core.authorization.decide(next.interactionId, BROWSER, person, {
      approve: true,
      scopes: ['invoices:read'],
    });
    expect(location).toBe(`${ISSUER}/device/approved`);
    core.clock.advance(5);
    const tokens = await poll(device.device_code);
    expect(tokens).toMatchObject({ token_type: 'Bearer', scope: 'invoices:read', refresh_token: expect.any(String) });
    expect(await core.accessTokens.read(tokens.access_token)).toMatchObject({
      sub: person.accountId,
      aud: resource.identifier,
    });
    expect(core.auditTypes()).toEqual(['device.started', 'consent.granted', 'device.redeemed']);
  });

  it('fills the code of a complete link in, across sign-in, and neither looks it up nor approves it', async () => {
    const { core, person, begin, start, poll } = house();
    const device = await begin();
    const { interactionId } = await start(device.user_code);
    const next = await core.authorization.signedIn(interactionId, BROWSER, person);
    expect(await core.authorization.step(next.interactionId, BROWSER, person)).toEqual({
      kind: 'user-code',
      offered: device.user_code,
    });
    expect(JSON.stringify([...core.database.interactions.values()])).not.toContain(device.user_code);
    await expect(core.authorization.decide(next.interactionId, BROWSER, person, APPROVE)).rejects.toEqual(
      refusal('invalid_request', 'malformed_request'),
    );
    await expect(poll(device.device_code)).rejects.toEqual(PENDING);
  });

  it('gives the resource’s default scopes to a device that names none, and no refresh token unasked', async () => {
    const { core, person, begin, arrive, poll } = house({ grantTypes: [DEVICE_CODE_GRANT] });
    const device = await begin({ scope: undefined });
    await core.authorization.decide(await arrive(device.user_code), BROWSER, person, APPROVE);
    const tokens = await poll(device.device_code);
    expect(tokens.scope).toBe('invoices:read');
    expect(tokens).not.toHaveProperty('refresh_token');
  });

  it('asks the person each time, however vouched for the client is and whatever was agreed before', async () => {
    const { core, person, begin, arrive } = house({ origin: 'pre-registered', authMethod: 'none' });
    for (let turn = 0; turn < 2; turn += 1) {
      const interactionId = await arrive((await begin()).user_code);
      expect((await core.authorization.step(interactionId, BROWSER, person)).kind).toBe('consent');
      await core.authorization.decide(interactionId, BROWSER, person, APPROVE);
    }
  });

  it('costs two store calls a poll: the client, and the one that counts it and reads the device', async () => {
    const { core, begin, poll } = house();
    const { device_code } = await begin();
    const before = core.database.verbs;
    await expect(poll(device_code)).rejects.toEqual(PENDING);
    expect(core.database.verbs - before).toBe(2);
  });
});

describe('a device that is refused', () => {
  it.each([
    [{ scope: 'invoices:delete' }, 'invalid_scope', 'unknown_scope'],
    [{ resource: 'https://unknown.example' }, 'invalid_target', 'unknown_resource'],
    [{ client_id: 'c_nobody' }, 'invalid_client', 'unknown_client'],
    [{ client_id: undefined }, 'invalid_client', 'missing_parameter'],
  ] as const)('learns it at once for %j', async (change, code, reason) => {
    const { core, begin } = house();
    await expect(begin(change)).rejects.toEqual(refusal(code, reason));
    expect(core.database.devices.size).toBe(0);
  });

  it('is one of a client that is not registered for it, at both endpoints', async () => {
    const { core, begin } = house();
    const other = core.client();
    await expect(begin({}, other)).rejects.toEqual(refusal('unauthorized_client', 'grant_type_not_registered'));
    const parameters = form({ grant_type: DEVICE_CODE_GRANT, client_id: other.id, device_code: 'ghd_x' });
    await expect(core.token.handle({ parameters })).rejects.toEqual(
      refusal('unauthorized_client', 'grant_type_not_registered'),
    );
  });

  it('hears of a denial with status 400, again and again', async () => {
    const { core, person, begin, arrive, poll } = house();
    const device = await begin();
    const { location } = await core.authorization.decide(await arrive(device.user_code), BROWSER, person, {
      approve: false,
    });
    expect(location).toBe(`${ISSUER}/device/denied`);
    for (let turn = 0; turn < 2; turn += 1)
      await expect(poll(device.device_code)).rejects.toMatchObject({
        code: 'access_denied',
        reason: 'device_denied',
        status: 400,
      });
  });

  it('hears that it is denied when the person may hand on nothing of it', async () => {
    const { core, resource, begin, arrive, poll } = house();
    const ben = core.person(resource, []);
    const device = await begin();
    const interactionId = await arrive(device.user_code, ben);
    expect(await core.authorization.step(interactionId, BROWSER, ben)).toMatchObject({
      kind: 'refusal',
      view: { code: 'access_denied', device: { network: NETWORK } },
    });
    await core.authorization.deliverRefusal(interactionId, BROWSER, ben);
    await expect(poll(device.device_code)).rejects.toEqual(refusal('access_denied', 'device_denied'));
  });

  it('is told to slow down, five seconds more each time, and not when it keeps the interval', async () => {
    const { core, begin, poll } = house();
    const { device_code } = await begin();
    const after = async (seconds: number) => {
      core.clock.advance(seconds);
      return poll(device_code).catch((error: unknown) => {
        const { code, status } = error as OAuthError;
        return [code, status];
      });
    };
    expect(await after(0)).toEqual(['authorization_pending', 400]);
    expect(await after(5)).toEqual(['authorization_pending', 400]);
    expect(await after(4)).toEqual(['slow_down', 400]);
    expect(await after(9)).toEqual(['slow_down', 400]);
    expect(await after(15)).toEqual(['authorization_pending', 400]);
  });

  it('gets expired_token when its time is over, approved or not', async () => {
    const { core, person, begin, arrive, poll } = house();
    const [waiting, approved] = [await begin(), await begin()];
    await core.authorization.decide(await arrive(approved.user_code), BROWSER, person, APPROVE);
    core.clock.advance(600);
    for (const { device_code } of [waiting, approved])
      await expect(poll(device_code)).rejects.toEqual(refusal('expired_token', 'device_code_expired'));
  });
});

describe('somebody who is after a device or its person', () => {
  it('gets one answer of 50 polls after the approval, and the others end nothing', async () => {
    const { core, person, begin, arrive, poll } = house();
    const device = await begin();
    await core.authorization.decide(await arrive(device.user_code), BROWSER, person, APPROVE);
    const polls = await Promise.allSettled(Array.from({ length: 50 }, () => poll(device.device_code)));
    const [winner, ...others] = polls.filter((each) => each.status === 'fulfilled');
    expect(others).toEqual([]);
    for (const each of polls)
      if (each.status === 'rejected') expect(each.reason).toEqual(refusal('invalid_grant', 'device_code_reused'));
    const [authorization] = [...core.database.authorizations.values()];
    expect(core.database.authorizations.size).toBe(1);
    expect(authorization?.revoked).toBeUndefined();
    await expect(poll(device.device_code)).rejects.toEqual(refusal('invalid_grant', 'device_code_reused'));
    expect(winner).toBeDefined();
  });

  it('cannot poll with another client, nor make the device wait longer by it', async () => {
    const { core, begin, poll } = house();
    const { device_code } = await begin();
    const stranger = core.client({ grantTypes: [DEVICE_CODE_GRANT] });
    for (let turn = 0; turn < 5; turn += 1)
      await expect(poll(device_code, { client_id: stranger.id })).rejects.toEqual(
        refusal('invalid_grant', 'unknown_device_code'),
      );
    await expect(poll(device_code)).rejects.toEqual(PENDING);
    await expect(poll('ghd_guess')).rejects.toEqual(refusal('invalid_grant', 'unknown_device_code'));
  });

  it('cannot move a device to another resource at redemption', async () => {
    const { core, person, begin, arrive, poll } = house();
    const other = core.resource();
    const { device_code, user_code } = await begin();
    await core.authorization.decide(await arrive(user_code), BROWSER, person, APPROVE);
    await expect(poll(device_code, { resource: other.identifier })).rejects.toEqual(
      refusal('invalid_target', 'resource_not_granted'),
    );
    await expect(poll(device_code)).resolves.toBeDefined();
  });

  it.each(['client', 'account', 'resource'] as const)('gets nothing once the %s is disabled', async (party) => {
    const { core, client, person, resource, begin, arrive, poll } = house();
    const device = await begin();
    await core.authorization.decide(await arrive(device.user_code), BROWSER, person, APPROVE);
    if (party === 'client') core.database.disableClient(client.id, core.clock.now());
    if (party === 'account') core.database.disableAccount(person.accountId);
    if (party === 'resource') core.database.disableResource(resource.identifier, core.clock.now());
    await expect(poll(device.device_code)).rejects.toMatchObject({ reason: `disabled_${party}` });
    expect(core.database.authorizations.size).toBe(0);
  });

  it.each(['client', 'account', 'resource'] as const)(
    'says so when the %s is disabled between the reading and the writing of a poll, and not that the code was used',
    async (party) => {
      const { core, client, person, resource, begin, arrive, poll } = house();
      const device = await begin();
      await core.authorization.decide(await arrive(device.user_code), BROWSER, person, APPROVE);
      const redeem = core.devices.redeem.bind(core.devices);
      core.devices.redeem = (...of) => {
        if (party === 'client') core.database.disableClient(client.id, core.clock.now());
        if (party === 'account') core.database.disableAccount(person.accountId);
        if (party === 'resource') core.database.disableResource(resource.identifier, core.clock.now());
        return redeem(...of);
      };
      await expect(poll(device.device_code)).rejects.toEqual(refusal('invalid_grant', `disabled_${party}`));
      expect(core.database.authorizations.size).toBe(0);
    },
  );

  it('gets no more than the person is still entitled to', async () => {
    const { core, person, resource, begin, arrive, poll } = house();
    const device = await begin();
    await core.authorization.decide(await arrive(device.user_code), BROWSER, person, APPROVE);
    await core.entitlements.grant(person.accountId, resource.identifier, ['invoices:write']);
    expect((await poll(device.device_code)).scope).toBe('invoices:write');
  });

  it('has ten guesses, a right one included, and his own codes do not buy him more', async () => {
    const { core, person, begin, enter, start, audit } = house();
    const { interactionId } = await core.authorization.signedIn((await start()).interactionId, BROWSER, person);
    for (let turn = 0; turn < 9; turn += 1)
      await expect(enter(interactionId, 'BBBB-BBBB')).rejects.toEqual(UNKNOWN_CODE);
    await enter(interactionId, (await begin()).user_code);
    const victim = await begin();
    const again = await core.authorization.signedIn((await start()).interactionId, BROWSER, person);
    await expect(enter(again.interactionId, victim.user_code)).rejects.toMatchObject({
      code: 'too_many_requests',
      reason: 'too_many_attempts',
      status: 429,
      retryAfter: 900,
    });
    expect(audit().filter(([type]) => type === 'user_code.refused')).toHaveLength(9);
  });

  it('leaves the tries of an honest person alone', async () => {
    const { core, person, resource, begin, enter, start, arrive } = house();
    const { interactionId } = await core.authorization.signedIn((await start()).interactionId, BROWSER, person);
    for (let turn = 0; turn < 20; turn += 1) await enter(interactionId, 'BBBB-BBBB').catch(() => undefined);
    await expect(arrive((await begin()).user_code, core.person(resource))).resolves.toBeDefined();
  });

  it('learns nothing from codes that expired or were decided: they are unknown like all others', async () => {
    const { core, person, begin, arrive } = house();
    const decided = await begin();
    await core.authorization.decide(await arrive(decided.user_code), BROWSER, person, APPROVE);
    await expect(arrive(decided.user_code)).rejects.toEqual(UNKNOWN_CODE);
    const expired = await begin();
    core.clock.advance(600);
    await expect(arrive(expired.user_code)).rejects.toEqual(UNKNOWN_CODE);
  });

  it('cannot type a code without signing in, or in somebody else’s journey', async () => {
    const { core, resource, person, begin, enter, start } = house();
    const { user_code } = await begin();
    const anonymous = await start();
    await expect(enter(anonymous.interactionId, user_code, undefined)).rejects.toMatchObject({ code: 'access_denied' });
    const own = await core.authorization.signedIn(anonymous.interactionId, BROWSER, person);
    await expect(enter(own.interactionId, user_code, core.person(resource))).rejects.toEqual(
      refusal('access_denied', 'session_of_other_account'),
    );
    await expect(
      core.userCodeEntry.enter({
        interactionId: own.interactionId,
        browser: 'ghb_other',
        person,
        network: NETWORK,
        typed: user_code,
      }),
    ).rejects.toEqual(refusal('invalid_request', 'unknown_interaction'));
    await expect(enter(own.interactionId, user_code)).resolves.toBeUndefined();
  });

  it('cannot put a second device into a journey that has one', async () => {
    const { begin, arrive, enter } = house();
    const interactionId = await arrive((await begin()).user_code);
    await expect(enter(interactionId, (await begin()).user_code)).rejects.toEqual(
      refusal('invalid_request', 'malformed_request'),
    );
  });

  it('cannot put words of his own on the page by a link', async () => {
    const { core, person, start } = house();
    const { interactionId } = await start('<b>call 555 now</b>', person);
    expect(await core.authorization.step(interactionId, BROWSER, person)).toEqual({ kind: 'user-code' });
  });

  it('gets a decision of one of two persons who typed the same code', async () => {
    const { core, person, resource, begin, arrive, poll } = house();
    const device = await begin();
    const other = core.person(resource);
    const [first, second] = [await arrive(device.user_code), await arrive(device.user_code, other)];
    await core.authorization.decide(first, BROWSER, person, APPROVE);
    await expect(core.authorization.decide(second, BROWSER, other, APPROVE)).rejects.toEqual(
      refusal('invalid_request', 'interaction_completed'),
    );
    const { access_token } = await poll(device.device_code);
    expect(await core.accessTokens.read(access_token)).toMatchObject({ sub: person.accountId });
  });
});
