import type { AuditEvent } from '@gatehouse/audit';
import type { TokenHash } from '@gatehouse/protocol';
import type { Interaction, SignedInPerson } from '../authorize/interaction.js';
import { InteractionStore } from '../authorize/interaction.store.js';
import type { AuthorizationCode } from '../codes/authorization-code.js';
import type { Consent } from '../consent/consent.js';
import { consentKey, type MemoryDatabase } from './memory-database.js';

export class MemoryInteractionStore extends InteractionStore {
  constructor(private readonly database: MemoryDatabase) {
    super();
  }

  override begin(interaction: Interaction): Promise<void> {
    return this.database.atomically(() => {
      this.database.interactions.set(interaction.id, structuredClone(interaction));
    });
  }

  override find(id: TokenHash, browser: TokenHash, now: Date): Promise<Interaction | undefined> {
    return this.database.atomically(() => this.#open(id, now, browser));
  }

  override signIn(
    id: TokenHash,
    browser: TokenHash,
    next: { readonly id: TokenHash; readonly person: SignedInPerson },
    now: Date,
  ): Promise<boolean> {
    return this.database.atomically(() => {
      const interaction = this.#open(id, now, browser);
      if (!interaction) return false;
      this.database.interactions.delete(id);
      this.database.interactions.set(next.id, { ...interaction, id: next.id, person: next.person });
      return true;
    });
  }

  override approve(
    id: TokenHash,
    outcome: { readonly consent: Consent; readonly code: AuthorizationCode; readonly audit: AuditEvent },
    now: Date,
  ): Promise<boolean> {
    return this.database.atomically(() => {
      const { consent, code, audit } = outcome;
      const { client, account } = this.database.standing(code);
      if (!this.#open(id, now) || client !== 'active' || account !== 'active') return false;
      this.database.interactions.delete(id);
      this.database.consents.set(consentKey(consent), consent);
      this.database.codes.set(code.hash, code);
      this.database.audit.push(audit);
      return true;
    });
  }

  override refuse(id: TokenHash, audit: AuditEvent, now: Date): Promise<boolean> {
    return this.database.atomically(() => {
      if (!this.#open(id, now)) return false;
      this.database.interactions.delete(id);
      this.database.audit.push(audit);
      return true;
    });
  }

  #open(id: TokenHash, now: Date, browser?: TokenHash): Interaction | undefined {
    const interaction = this.database.interactions.get(id);
    if (!interaction || now >= interaction.expiresAt) return undefined;
    return browser === undefined || interaction.browser === browser ? interaction : undefined;
  }
}
