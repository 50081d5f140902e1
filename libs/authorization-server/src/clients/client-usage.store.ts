import type { ClientId } from '@gatehouse/protocol';

export interface ClientUse {
  readonly firstUsedAt: Date;
  /** Exact to the day. */
  readonly lastUsedAt: Date;
}

export abstract class ClientUsageStore {
  /** The client got a token at `at`: it is no longer in quarantine. Changes nothing when a use of that day is known. */
  abstract used(id: ClientId, at: Date): Promise<void>;
  /** Undefined: it never completed a flow. */
  abstract find(id: ClientId): Promise<ClientUse | undefined>;
}
