import type { AuditEvent } from '@gatehouse/audit';
import type { TokenHash } from '@gatehouse/protocol';
import { type InitialAccessToken, InitialAccessTokenStore } from '../registration/initial-access-token.store.js';
import type { MemoryDatabase } from './memory-database.js';

export class MemoryInitialAccessTokenStore extends InitialAccessTokenStore {
  constructor(private readonly database: MemoryDatabase) {
    super();
  }

  override create(token: InitialAccessToken, audit: AuditEvent): Promise<void> {
    return this.database.atomically(() => {
      this.database.initialAccessTokens.set(token.hash, token);
      this.database.audit.push(audit);
    });
  }

  override find(hash: TokenHash): Promise<InitialAccessToken | undefined> {
    return this.database.atomically(() => this.database.initialAccessTokens.get(hash));
  }

  override list(): Promise<readonly InitialAccessToken[]> {
    return this.database.atomically(() =>
      [...this.database.initialAccessTokens.values()].sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime()),
    );
  }

  override revoke(id: string, audit: AuditEvent): Promise<boolean> {
    return this.database.atomically(() => {
      const token = [...this.database.initialAccessTokens.values()].find((each) => each.id === id);
      if (!token || token.revokedAt) return false;
      this.database.initialAccessTokens.set(token.hash, { ...token, revokedAt: audit.at });
      this.database.audit.push(audit);
      return true;
    });
  }
}
