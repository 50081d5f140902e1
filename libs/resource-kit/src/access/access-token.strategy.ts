import type { Principal } from '@gatehouse/token-validation';
import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import type { FastifyRequest } from 'fastify';
import { Strategy } from 'passport';

export const ACCESS_TOKEN_SCHEME = 'access-token';

/** What the guard hands over with each request. */
export interface AccessTokenOptions {
  readonly authenticate: (request: FastifyRequest) => Promise<Principal>;
}

type Verify = (
  request: FastifyRequest,
  options: AccessTokenOptions,
  done: (error: unknown, principal?: Principal | null) => void,
) => void;

/**
 * All that passport needs to run under Fastify, and the only file that knows it:
 * - a failure is an *error*, never `fail`: passport would write 401 to a response object that it takes for Express's;
 * - passport keeps strategies in one list for the process, so this one has no state: who may come in is decided by the
 *   guard of the app whose request it is, also when two apps live in one process.
 */
class DelegatedStrategy extends Strategy {
  constructor(private readonly verify: Verify) {
    super();
  }

  override authenticate(request: unknown, options?: unknown): void {
    this.verify(request as FastifyRequest, options as AccessTokenOptions, (error, principal) => {
      if (principal) this.success(principal);
      else this.error(error ?? new Error('the strategy came to no end'));
    });
  }
}

@Injectable()
export class AccessTokenStrategy extends PassportStrategy(DelegatedStrategy, ACCESS_TOKEN_SCHEME) {
  /** @throws OAuthError: it goes through passport as it is, to the challenge filter */
  validate(request: FastifyRequest, options: AccessTokenOptions): Promise<Principal> {
    return options.authenticate(request);
  }
}
