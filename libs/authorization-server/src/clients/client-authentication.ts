import type { Clock, Parameters } from '@gatehouse/protocol';
import type { Client } from './client.js';
import type { ClientStore } from './client.store.js';

export interface AuthenticatedRequest {
  readonly parameters: Parameters;
  /** The Authorization header as it came. */
  readonly authorization?: string;
}

export class ClientAuthentication {
  constructor(private readonly by: { readonly clients: ClientStore; readonly clock: Clock }) {}

  authenticate(request: AuthenticatedRequest): Promise<Client> {
    throw new Error(`${String(request)} ${String(this.by)}`);
  }
}
