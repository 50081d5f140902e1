import { InitialAccessTokens } from '@gatehouse/authorization-server';
import { memoryStores } from '@gatehouse/authorization-server/testing';
import { StoppedClock } from '@gatehouse/protocol/testing';
import { describe, expect, it } from '@jest/globals';
import { runTokens } from './run-tokens.js';
import { parseTokensCommand, UnusableTokensCommand } from './tokens-command.js';

function house() {
  const clock = new StoppedClock();
  const { initialAccessTokens } = memoryStores();
  const tokens = new InitialAccessTokens({ clock, initialAccessTokens });
  const run = (...args: string[]) => runTokens(parseTokensCommand(args), tokens, clock);
  return { clock, run };
}

describe('registration-tokens', () => {
  it('shows a token once, lists it without it, and revokes it by its id', async () => {
    const { clock, run } = house();
    expect(await run('list')).toBe('no initial access tokens');
    const made = JSON.parse(await run('create', '--label', 'Team A', '--uses', '3', '--expires', '60', '--json')) as {
      id: string;
      token: string;
    };
    expect(made.token).toMatch(/^ght_/);
    const listed = await run('list');
    expect(listed).toContain('usable');
    expect(listed).toContain('Team A');
    expect(listed).not.toContain(made.token);
    expect(JSON.parse(await run('list', '--json'))).toEqual([
      expect.objectContaining({ id: made.id, uses_left: 3, state: 'usable' }),
    ]);
    expect(await run('revoke', made.id)).toBe(`${made.id}: revoked`);
    expect(await run('list')).toContain('revoked');
    await expect(run('revoke', made.id)).rejects.toBeInstanceOf(UnusableTokensCommand);
    await run('create', '--label', 'late');
    clock.advance(86_400);
    expect(await run('list')).toContain('expired');
  });

  it.each([
    [],
    ['create'],
    ['create', '--label', ''],
    ['create', '--label', 'a\u001b[2J'],
    ['create', '--label', 'x', '--uses', '0'],
    ['create', '--label', 'x', '--uses', '1e9'],
    ['create', '--label', 'x', '--expires', '-1'],
    ['create', '--label', 'x', '--expires', '999999999'],
    ['create', 'more', '--label', 'x'],
    ['list', '--uses', '1'],
    ['revoke'],
    ['revoke', 'ght_the-token-itself'],
    ['delete', 'x'],
    ['list', '--unknown'],
  ])('refuses %j %j %j %j %j and changes nothing', (...args: (string | undefined)[]) => {
    expect(() => parseTokensCommand(args.filter((arg) => arg !== undefined))).toThrow(UnusableTokensCommand);
  });
});
