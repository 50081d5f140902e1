import type { AuthorizationStore } from '../authorizations/authorization.store.js';
import type { KeyVault } from '../keys/key-vault.js';
import type { ServerPolicy } from '../server-policy.js';
import { Grant, type GrantRequest, type PreparedGrant } from './grant.js';

export class RefreshTokenGrant extends Grant {
  override readonly type = 'refresh_token';
  override readonly parameters = ['refresh_token'];

  constructor(
    private readonly by: {
      readonly policy: ServerPolicy;
      readonly authorizations: AuthorizationStore;
      readonly vault: KeyVault;
    },
  ) {
    super();
  }

  override prepare(request: GrantRequest): Promise<PreparedGrant> {
    throw new Error(`${request.client.id} ${String(this.by)}`);
  }
}
