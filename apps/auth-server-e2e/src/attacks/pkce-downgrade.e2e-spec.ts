import { describe, expect, it } from '@jest/globals';
import { LOOPBACK_CALLBACK, newPkce } from '@gatehouse/test-kit';
import { anna, house, invoices } from '../flows/house.js';
import { denials } from './operator.js';
import { reasonsOf } from './refusals.js';

type Change = Readonly<Record<string, string | undefined>>;

/** PKCE that can be left out protects nobody. CVE-2025-4144, CVE-2024-22258, CVE-2023-48228. */
describe('a downgrade of PKCE', () => {
  const browser = house.browser();
  const register = {
    public: () => house.register(),
    confidential: () => house.register({ token_endpoint_auth_method: 'client_secret_post' }),
  };

  const { verifier, challenge } = newPkce();
  const downgrades: [string, Change, string][] = [
    ['no challenge', { code_challenge: undefined, code_challenge_method: undefined }, 'missing_code_challenge'],
    ['a method without challenge', { code_challenge: undefined }, 'missing_code_challenge'],
    ['an empty challenge', { code_challenge: '' }, 'missing_code_challenge'],
    ['the plain method', { code_challenge: verifier, code_challenge_method: 'plain' }, 'unsupported_challenge_method'],
    ['no method, which means plain', { code_challenge_method: undefined }, 'unsupported_challenge_method'],
    ['a method in lower case', { code_challenge_method: 's256' }, 'unsupported_challenge_method'],
    ['an unknown method', { code_challenge_method: 'S512' }, 'unsupported_challenge_method'],
    ['a short challenge', { code_challenge: challenge.slice(1) }, 'malformed_code_challenge'],
    ['a hash of nothing with padding', { code_challenge: `${challenge}=` }, 'malformed_code_challenge'],
  ];
  it.each(downgrades.flatMap((row) => [['public', ...row] as const, ['confidential', ...row] as const]))(
    'gives a %s client no code for %s',
    async (kind, _, parameters, reason) => {
      const client = await register[kind]();
      const { url } = house.begin(client, { resource: invoices, parameters });
      const { parameters: answer } = await browser.authorize(url, { account: anna }, LOOPBACK_CALLBACK);
      expect([answer.get('error'), answer.has('code')]).toEqual(['invalid_request', false]);
      expect(await denials(client.client_id)).toEqual([reason]);
    },
  );

  it('by two challenges, of which a lax reader might take the weaker, never leaves the page', async () => {
    const { url } = house.begin(await register.public(), { resource: invoices });
    for (const second of ['code_challenge=weak', 'code_challenge_method=plain']) {
      const answer = await browser.exchange(`${url}&${second}`);
      expect([answer.status, answer.location]).toEqual([400, undefined]);
    }
  });

  it.each<[string, string | undefined, string, string]>([
    ['none', undefined, 'invalid_grant', 'missing_code_verifier'],
    ['an empty one', '', 'invalid_grant', 'missing_code_verifier'],
    ['one that is too short', 'x'.repeat(42), 'invalid_grant', 'wrong_code_verifier'],
    ['one that is too long', 'x'.repeat(129), 'invalid_grant', 'wrong_code_verifier'],
    ['one of another flow', newPkce().verifier, 'invalid_grant', 'wrong_code_verifier'],
  ])('redeems no code for a verifier that is %s, whoever the client is', async (_, code_verifier, error, reason) => {
    for (const registered of Object.values(register)) {
      const pending = house.begin(await registered(), { resource: invoices });
      const code = await house.approve(browser, pending, { account: anna });
      let answer: string | undefined;
      const reasons = await reasonsOf(async () => {
        answer = (await house.redeem(pending, code, { code_verifier })).error;
      });
      expect([answer, reasons]).toEqual([error, [reason]]);
      expect((await house.redeem(pending, code)).status).toBe(200);
    }
  });
});
