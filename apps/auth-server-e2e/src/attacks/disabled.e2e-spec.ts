import { beforeAll, describe, expect, it } from '@jest/globals';
import { basic } from '@gatehouse/protocol';
import {
  type Answer,
  type Connected,
  isConsent,
  isSignIn,
  LOOPBACK_CALLBACK,
  McpRaw,
  type Page,
  pause,
  tokensOf,
} from '@gatehouse/test-kit';
import { anna, house, invoices } from '../flows/house.js';
import { type Archive, openArchive, whileDisabled, whileStripped } from './operator.js';
import { reasonsOf } from './refusals.js';

/** A resource server may rely on an answer for five seconds; the rest is for a slow machine. */
const PATIENCE = 15_000;

/**
 * Whoever was let in may have been put out since: asked again at every redemption. CVE-2026-16103 (lock-out asked at the
 * start only), CVE-2026-9705 (a disabled client that revived itself).
 */
describe('what was disabled', () => {
  let archive: Archive;
  let session: Connected;

  beforeAll(async () => {
    archive = openArchive();
    session = await house.connected({ decision: { account: archive.archivist }, resource: archive.resource });
  }, 30_000);

  const subjects = {
    client: (run: () => Promise<void>) => whileDisabled('clients', session.client.client_id, run),
    account: (run: () => Promise<void>) => whileDisabled('accounts', archive.archivist.username, run),
    resource: (run: () => Promise<void>) => whileDisabled('resources', archive.resource, run),
    entitlement: (run: () => Promise<void>) => whileStripped(archive.archivist.username, archive.resource, run),
  };
  const introspect = async (token: string) =>
    (await house.introspect(basic(archive.server.id, archive.server.secret), token)).json()['active'];

  async function refusal(attempt: () => Promise<Answer>): Promise<[string | undefined, readonly string[]]> {
    let error: string | undefined;
    const reasons = await reasonsOf(async () => {
      ({ error } = await attempt());
    });
    return [error, reasons];
  }

  const redemptions: [keyof typeof subjects, string, string][] = [
    ['client', 'invalid_client', 'disabled_client'],
    ['account', 'invalid_grant', 'disabled_account'],
    ['resource', 'invalid_grant', 'disabled_resource'],
    ['entitlement', 'invalid_grant', 'scope_not_entitled'],
  ];

  it.each(redemptions)('redeems no code, and does again afterwards (%s)', async (subject, error, reason) => {
    const pending = house.begin(session.client, { resource: archive.resource });
    const code = await house.approve(house.browser(), pending, { account: archive.archivist });
    await subjects[subject](async () => {
      expect(await refusal(() => house.redeem(pending, code))).toEqual([error, [reason]]);
    });
    expect((await house.redeem(pending, code)).status).toBe(200);
  });

  it.each(redemptions)('refreshes no token, and does again afterwards (%s)', async (subject, error, reason) => {
    const token = session.tokens.refresh_token;
    await subjects[subject](async () => {
      expect(await refusal(() => house.refresh(session, token))).toEqual([error, [reason]]);
    });
    session = { ...session, tokens: tokensOf(await house.refresh(session, token)) };
  });

  it.each(['client', 'account', 'resource'] as const)('makes its access tokens inactive (%s)', async (subject) => {
    expect(await introspect(session.tokens.access_token)).toBe(true);
    await subjects[subject](async () => {
      expect(await introspect(session.tokens.access_token)).toBe(false);
    });
    expect(await introspect(session.tokens.access_token)).toBe(true);
  });

  it.each(['client', 'account', 'resource', 'entitlement'] as const)(
    'gets no code from a consent page that was open before (%s)',
    async (subject) => {
      const browser = house.browser();
      const { url } = house.begin(session.client, { resource: archive.resource });
      const signIn = await browser.open(url, LOOPBACK_CALLBACK);
      const consent = await browser.signIn(signIn as Page, archive.archivist, LOOPBACK_CALLBACK);
      if (!isConsent(consent)) throw new Error('no consent page');
      await subjects[subject](async () => {
        const end = await browser.decide(consent, {}, LOOPBACK_CALLBACK);
        expect(end.kind === 'callback' && end.parameters.has('code')).toBe(false);
      });
    },
  );

  it('a client begins no journey, and is not redirected to', async () => {
    const { url } = house.begin(session.client, { resource: archive.resource });
    await subjects.client(async () => {
      const answer = await house.browser().exchange(url);
      expect([answer.status, answer.location]).toEqual([400, undefined]);
    });
  });

  it('a client is let in by no self-service: revocation and registration do not revive it', async () => {
    await subjects.client(async () => {
      expect(await refusal(() => house.revoke(session.client, session.tokens.refresh_token))).toEqual([
        'invalid_client',
        ['disabled_client'],
      ]);
      const again = await house.registration({ client_id: session.client.client_id });
      expect(again.json()['client_id']).not.toBe(session.client.client_id);
      expect((await house.refresh(session, session.tokens.refresh_token)).error).toBe('invalid_client');
    });
  });

  it('an account is told what a wrong password is told', async () => {
    const { url } = house.begin(session.client, { resource: archive.resource });
    const signInAs = async (password: string) => {
      const browser = house.browser();
      const page = await browser.open(url, LOOPBACK_CALLBACK);
      const again = await browser.signIn(page as Page, { ...archive.archivist, password }, LOOPBACK_CALLBACK);
      if (!isSignIn(again)) throw new Error('no sign-in page');
      return { status: again.status, text: again.text, session: browser.jar.get(/session/) };
    };
    await subjects.account(async () => {
      expect(await signInAs(archive.archivist.password)).toEqual(await signInAs('a wrong password'));
    });
  });

  it('an account loses the session that its browser has', async () => {
    const browser = house.browser();
    const { url } = house.begin(session.client, { resource: archive.resource });
    await browser.authorize(url, { account: archive.archivist });
    await subjects.account(async () => {
      expect(isConsent(await browser.open(url, LOOPBACK_CALLBACK))).toBe(false);
    });
  });

  it('a client opens no tool any more, as soon as the resource server asks again', async () => {
    const connected = await house.connected({ decision: { account: anna }, resource: invoices });
    const call = async () =>
      (await new McpRaw(invoices).modern('tools/list', { token: connected.tokens.access_token })).status;
    expect(await call()).toBe(200);
    await whileDisabled('clients', connected.client.client_id, async () => {
      const until = Date.now() + PATIENCE;
      while ((await call()) === 200 && Date.now() < until) await pause(250);
      expect(await call()).toBe(401);
    });
  }, 30_000);

  it('a resource server is told nothing any more', async () => {
    await whileDisabled('resource_servers', archive.server.id, async () => {
      const answer = await house.introspect(
        basic(archive.server.id, archive.server.secret),
        session.tokens.access_token,
      );
      expect([answer.status, answer.error]).toEqual([401, 'invalid_client']);
    });
    expect(await introspect(session.tokens.access_token)).toBe(true);
  });
});
