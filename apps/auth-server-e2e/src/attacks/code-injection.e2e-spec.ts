import { beforeAll, describe, expect, it } from '@jest/globals';
import { type PendingAuthorization, type RegisteredClient } from '@gatehouse/test-kit';
import { anna, ben, expenses, house, invoices } from '../flows/house.js';
import { reasonsOf } from './refusals.js';

/** A code that leaked, in hands other than those it was meant for. CVE-2026-16089, CVE-2026-55672: codes not bound to the client. */
describe('a stolen code', () => {
  let client: RegisteredClient;
  let victims: PendingAuthorization;
  let code: string;

  beforeAll(async () => {
    client = await house.register();
  });
  const steal = async () => {
    victims = house.begin(client, { resource: invoices });
    code = await house.approve(house.browser(), victims, { account: anna });
  };
  /** The attack fails for this reason, and has not cost the victim the code. */
  async function expectUseless(attack: () => Promise<{ error: string | undefined }>, error: string, reason: string) {
    await steal();
    let answer: string | undefined;
    const reasons = await reasonsOf(async () => {
      answer = (await attack()).error;
    });
    expect([answer, reasons]).toEqual([error, [reason]]);
    expect((await house.redeem(victims, code)).status).toBe(200);
  }

  it("is worth nothing in the attacker's own session with the same client", async () => {
    const attackers = house.begin(client, { resource: invoices });
    await house.approve(house.browser(), attackers, { account: ben });
    await expectUseless(() => house.redeem(attackers, code), 'invalid_grant', 'wrong_code_verifier');
  });

  it('is worth nothing with a client of the attacker, public or confidential', async () => {
    const publicClient = await house.register();
    await expectUseless(
      () => house.redeem({ ...victims, client: publicClient }, code),
      'invalid_grant',
      'code_of_other_client',
    );
    const confidential = await house.register({ token_endpoint_auth_method: 'client_secret_post' });
    await expectUseless(
      () => house.redeem({ ...victims, client: confidential }, code),
      'invalid_grant',
      'code_of_other_client',
    );
  });

  it('is worth nothing with another redirect URI, be it one of the same client', async () => {
    client = await house.register({ redirect_uris: ['http://127.0.0.1/callback', 'http://127.0.0.1/other'] });
    for (const redirect_uri of ['http://127.0.0.1/other', 'http://127.0.0.1:1/callback', 'HTTP://127.0.0.1/callback'])
      await expectUseless(
        () => house.redeem(victims, code, { redirect_uri }),
        'invalid_grant',
        'redirect_uri_mismatch',
      );
  });

  it('is worth nothing for another resource', async () => {
    await expectUseless(
      () => house.redeem(victims, code, { resource: expenses }),
      'invalid_target',
      'resource_not_granted',
    );
  });

  it('is worth nothing to somebody who saw the request: the challenge is not the verifier', async () => {
    await expectUseless(
      () => house.redeem(victims, code, { code_verifier: victims.pkce.challenge }),
      'invalid_grant',
      'wrong_code_verifier',
    );
  });

  it('tells nothing by its answer: unknown, foreign and spent codes look alike', async () => {
    await steal();
    const stranger = await house.register();
    const unknown = await house.redeem(victims, `${code.slice(0, -4)}AAAA`);
    const foreign = await house.redeem({ ...victims, client: stranger }, code);
    const unproven = await house.redeem(victims, code, { code_verifier: 'x'.repeat(43) });
    await house.redeem(victims, code);
    const spent = await house.redeem(victims, code);
    for (const answer of [foreign, unproven, spent]) {
      expect([answer.status, answer.text]).toEqual([unknown.status, unknown.text]);
    }
  });
});
