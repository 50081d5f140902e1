import type { AuditEvent } from '@gatehouse/audit';
import type { TokenHash } from '@gatehouse/protocol';

/** Lets whoever has it register a number of clients. @spec RFC 7591 §3 */
export interface InitialAccessToken {
  /** For people and lists. The token itself is shown once. */
  readonly id: string;
  readonly hash: TokenHash;
  /** Whom it was made for. */
  readonly label: string;
  readonly usesLeft: number;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly revokedAt?: Date;
}

export abstract class InitialAccessTokenStore {
  abstract create(token: InitialAccessToken, audit: AuditEvent): Promise<void>;
  /** Spent, expired and revoked ones are returned too. Spending is RegistrationStore.admit's. */
  abstract find(hash: TokenHash): Promise<InitialAccessToken | undefined>;
  /** The newest first. */
  abstract list(): Promise<readonly InitialAccessToken[]>;
  /** False: unknown, or revoked before. */
  abstract revoke(id: string, audit: AuditEvent): Promise<boolean>;
}
