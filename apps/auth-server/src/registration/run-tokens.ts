import {
  type InitialAccessToken,
  type InitialAccessTokens,
  stateOf,
  tokenRepresentation,
} from '@gatehouse/authorization-server';
import type { Clock } from '@gatehouse/protocol';
import { type TokensCommand, UnusableTokensCommand } from './tokens-command.js';

/** @returns the text for standard output: the only place at which a token is ever shown */
export async function runTokens(command: TokensCommand, tokens: InitialAccessTokens, clock: Clock): Promise<string> {
  switch (command.verb) {
    case 'create': {
      const { id, token, expiresAt } = await tokens.create(command);
      if (command.json) return jsonOf({ id, token, uses: command.uses, expires_at: expiresAt.toISOString() });
      return `${id}: good for ${String(command.uses)} until ${expiresAt.toISOString()}\n  initial access token, shown only now: ${token}`;
    }
    case 'list': {
      const now = clock.now();
      const list = await tokens.list();
      if (command.json) return jsonOf(list.map((token) => tokenRepresentation(token, now)));
      return list.length === 0 ? 'no initial access tokens' : list.map((token) => line(token, now)).join('\n');
    }
    case 'revoke': {
      if (!(await tokens.revoke(command.id)))
        throw new UnusableTokensCommand(`${command.id}: there is no such token, or it was revoked before`);
      return command.json ? jsonOf({ id: command.id, outcome: 'revoked' }) : `${command.id}: revoked`;
    }
  }
}

function line(token: InitialAccessToken, now: Date): string {
  const { id, label, usesLeft, expiresAt } = token;
  return `${id}  ${stateOf(token, now).padEnd(7)}  ${String(usesLeft)} left  until ${expiresAt.toISOString()}  ${label}`;
}

function jsonOf(value: unknown): string {
  return JSON.stringify(value, null, 2);
}
