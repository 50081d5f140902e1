import { after, type Clock, newSecret, tokenHash } from '@gatehouse/protocol';
import { randomUUID } from 'node:crypto';
import { type Actor, doneBy } from '../administration/actor.js';
import type { InitialAccessToken, InitialAccessTokenStore } from './initial-access-token.store.js';

/** For the operator, who hands them to people whose clients may register. */
export class InitialAccessTokens {
  constructor(
    private readonly by: {
      readonly clock: Clock;
      readonly initialAccessTokens: InitialAccessTokenStore;
      /** Who asks, through the administration API. */
      readonly actor?: Actor;
    },
  ) {}

  actingFor(actor: Actor): InitialAccessTokens {
    return new InitialAccessTokens({ ...this.by, actor });
  }

  /** @returns the token, which is nowhere else */
  async create(of: {
    readonly label: string;
    readonly uses: number;
    /** Seconds. */
    readonly lifetime: number;
  }): Promise<{
    readonly id: string;
    readonly token: string;
    readonly expiresAt: Date;
    readonly made: InitialAccessToken;
  }> {
    const token = newSecret('ght_');
    const createdAt = this.by.clock.now();
    const made: InitialAccessToken = {
      id: randomUUID(),
      hash: tokenHash(token),
      label: of.label,
      usesLeft: of.uses,
      createdAt,
      expiresAt: after(createdAt, of.lifetime),
    };
    await this.by.initialAccessTokens.create(
      made,
      doneBy(this.by.actor, {
        type: 'initial_access_token.created',
        at: createdAt,
        detail: { id: made.id, uses: made.usesLeft },
      }),
    );
    return { id: made.id, token, expiresAt: made.expiresAt, made };
  }

  list(): Promise<readonly InitialAccessToken[]> {
    return this.by.initialAccessTokens.list();
  }

  /** Clients that were registered with it stay. False: there is none to revoke. */
  revoke(id: string): Promise<boolean> {
    const at = this.by.clock.now();
    const audit = doneBy(this.by.actor, { type: 'initial_access_token.revoked', at, detail: { id } });
    return this.by.initialAccessTokens.revoke(id, audit);
  }
}

export type InitialAccessTokenState = 'usable' | 'revoked' | 'expired' | 'spent';

export function stateOf(token: InitialAccessToken, now: Date): InitialAccessTokenState {
  if (isUsable(token, now)) return 'usable';
  if (token.revokedAt) return 'revoked';
  return now < token.expiresAt ? 'spent' : 'expired';
}

/** May it still register a client? */
export function isUsable(token: InitialAccessToken, now: Date): boolean {
  return token.revokedAt === undefined && now < token.expiresAt && token.usesLeft > 0;
}
