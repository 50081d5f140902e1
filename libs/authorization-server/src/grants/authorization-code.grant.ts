import type { AuthorizationStore } from '../authorizations/authorization.store.js';
import type { AuthorizationCodeStore } from '../codes/authorization-code.store.js';
import type { ServerPolicy } from '../server-policy.js';
import { Grant, type GrantRequest, type PreparedGrant } from './grant.js';

export class AuthorizationCodeGrant extends Grant {
  override readonly type = 'authorization_code';
  override readonly parameters = ['code', 'code_verifier'];

  constructor(
    private readonly by: {
      readonly policy: ServerPolicy;
      readonly codes: AuthorizationCodeStore;
      readonly authorizations: AuthorizationStore;
    },
  ) {
    super();
  }

  override prepare(request: GrantRequest): Promise<PreparedGrant> {
    throw new Error(`${request.client.id} ${String(this.by)}`);
  }
}
