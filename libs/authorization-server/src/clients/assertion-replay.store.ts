import type { ClientId } from '@gatehouse/protocol';

/** Remembers which client assertions were used, over all replicas. @spec RFC 7523 §3 (7) */
export abstract class AssertionReplayStore {
  /**
   * True for the one caller who is first to use the `jti` of this client; one conditional write, so that of any number of
   * parallel uses one wins. It is remembered at least until `expiresAt`.
   */
  abstract use(clientId: ClientId, jti: string, expiresAt: Date): Promise<boolean>;
}
