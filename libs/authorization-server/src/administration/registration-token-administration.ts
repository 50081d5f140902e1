import { type Clock, OAuthError } from '@gatehouse/protocol';
import { z } from 'zod';
import type { InitialAccessToken } from '../registration/initial-access-token.store.js';
import { type InitialAccessTokens, stateOf } from '../registration/initial-access-tokens.js';
import type { OwnPrincipal } from '../resources/own-access.js';
import { actorOf } from './actor.js';
import { registrationTokenRequest } from './requests.js';
import { readInput } from './unusable-input.js';

export const registrationTokenRepresentation = z.object({
  id: z.uuid(),
  label: z.string(),
  uses_left: z.int(),
  created_at: z.iso.datetime(),
  expires_at: z.iso.datetime(),
  state: z.enum(['usable', 'revoked', 'expired', 'spent']),
});

export type RegistrationTokenRepresentation = z.input<typeof registrationTokenRepresentation>;

/** The tokens that let clients register, over HTTP: the same core as the operator's command. One store call each. */
export class RegistrationTokenAdministration {
  constructor(private readonly by: { readonly clock: Clock; readonly tokens: InitialAccessTokens }) {}

  async list(): Promise<readonly RegistrationTokenRepresentation[]> {
    const now = this.by.clock.now();
    return (await this.by.tokens.list()).map((token) => tokenRepresentation(token, now));
  }

  /** @returns the token itself too, which is nowhere else @throws OAuthError invalid_request */
  async create(
    caller: OwnPrincipal,
    body: unknown,
  ): Promise<RegistrationTokenRepresentation & { readonly token: string }> {
    const { label, uses, expires_in: lifetime } = readInput(registrationTokenRequest, body);
    const { made, token } = await this.by.tokens.actingFor(actorOf(caller)).create({ label, uses, lifetime });
    return { ...tokenRepresentation(made, made.createdAt), token };
  }

  /** @throws OAuthError not_found */
  async revoke(caller: OwnPrincipal, id: string): Promise<void> {
    const known = z.uuid().safeParse(id).data;
    const revoked = known !== undefined && (await this.by.tokens.actingFor(actorOf(caller)).revoke(known));
    if (!revoked) throw new OAuthError('not_found', 'unknown_registration_token');
  }
}

/** Everything that is known of a token but the token. */
export function tokenRepresentation(token: InitialAccessToken, now: Date): RegistrationTokenRepresentation {
  return {
    id: token.id,
    label: token.label,
    uses_left: token.usesLeft,
    created_at: token.createdAt.toISOString(),
    expires_at: token.expiresAt.toISOString(),
    state: stateOf(token, now),
  };
}
