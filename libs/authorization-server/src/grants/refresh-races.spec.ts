import { describe, expect, it } from '@jest/globals';
import { form, grantedTokens, memoryCore } from '../testing/memory-core.js';

/** Deterministic, so that a failure can be seen again. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

describe('refresh under honest races', () => {
  it('loses no session in 1,000 rounds of parallel refreshes and lost answers', async () => {
    const core = memoryCore();
    const random = randomFrom(20_260_728);
    const sessions = await Promise.all(Array.from({ length: 50 }, () => grantedTokens(core)));
    const tokens = sessions.map(({ refreshToken }) => refreshToken);
    const issued = new Set<string>();

    for (let round = 0; round < 1000; round += 1) {
      const at = round % sessions.length;
      const { client } = sessions[at]!;
      const refresh = () =>
        core.token.handle({
          parameters: form({ grant_type: 'refresh_token', client_id: client.id, refresh_token: tokens[at] }),
        });
      // Several processes of one client share a token and refresh at once; then some retry because the answer was lost.
      const answers = await Promise.all(Array.from({ length: 2 + random(5) }, refresh));
      for (let lost = random(3); lost > 0; lost -= 1) {
        core.clock.advance(random(10));
        answers.push(await refresh());
      }
      expect(new Set(answers.map((answer) => answer.refresh_token)).size).toBe(1);
      for (const { access_token } of answers) expect(issued.has(access_token)).toBe(false);
      for (const { access_token } of answers) issued.add(access_token);
      expect(answers[0]?.refresh_token).not.toBe(tokens[at]);
      tokens[at] = answers[random(answers.length)]!.refresh_token!;
      core.clock.advance(random(120));
    }

    expect([...core.database.authorizations.values()].filter(({ revoked }) => revoked)).toEqual([]);
    const rotations = core.auditTypes().filter((type) => type === 'refresh.rotated');
    expect(rotations).toHaveLength(1000);
    expect(core.auditTypes()).not.toContain('refresh.reused');
  });

  it('has one winner among parallel refreshes, and revocation beats them all', async () => {
    for (let round = 0; round < 25; round += 1) {
      const core = memoryCore();
      const { client, refreshToken, authorizationId } = await grantedTokens(core);
      const refresh = (token: string) =>
        core.token.handle({
          parameters: form({ grant_type: 'refresh_token', client_id: client.id, refresh_token: token }),
        });
      const parameters = form({ client_id: client.id, token: refreshToken });
      const [, ...answers] = await Promise.allSettled([
        core.revocation.revoke({ parameters }),
        ...Array.from({ length: 2 + (round % 5) }, () => refresh(refreshToken)),
      ]);
      expect(core.database.authorizations.get(authorizationId)?.revoked?.reason).toBe('revoked_by_client');
      for (const answer of answers) {
        if (answer.status === 'rejected')
          expect(answer.reason).toMatchObject({ code: 'invalid_grant', reason: 'authorization_revoked' });
        else
          await expect(refresh(answer.value.refresh_token!)).rejects.toMatchObject({
            code: 'invalid_grant',
            reason: 'authorization_revoked',
          });
      }
      expect(core.auditTypes().filter((type) => type === 'token.revoked')).toHaveLength(1);
      expect(core.auditTypes()).not.toContain('refresh.reused');
    }
  });
});
