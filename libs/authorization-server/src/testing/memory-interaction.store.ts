import type { AuditEvent } from '@gatehouse/audit';
import type { TokenHash } from '@gatehouse/protocol';
import { includesAll } from '@gatehouse/scopes';
import { awaitsUserCode, type DeviceRequest, type Interaction, type SignedInPerson } from '../authorize/interaction.js';
import { type Approval, InteractionStore } from '../authorize/interaction.store.js';
import type { AuthorizationCode } from '../codes/authorization-code.js';
import type { DeviceDecision } from '../device/device-authorization.js';
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

  override beginPushed(
    interaction: Interaction & { readonly request: { readonly clientId: string } },
    pushed: TokenHash,
    now: Date,
  ): Promise<boolean> {
    return this.database.atomically(() => {
      const request = this.database.pushedRequests.get(pushed);
      if (request?.clientId !== interaction.request.clientId || now >= request.expiresAt) return false;
      this.database.pushedRequests.delete(pushed);
      this.database.interactions.set(interaction.id, structuredClone(interaction));
      return true;
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

  override ask(id: TokenHash, browser: TokenHash, request: DeviceRequest, now: Date): Promise<boolean> {
    return this.database.atomically(() => {
      const interaction = this.#open(id, now, browser);
      if (!interaction || !awaitsUserCode(interaction.request)) return false;
      this.database.interactions.set(id, { ...interaction, request });
      return true;
    });
  }

  override approve(id: TokenHash, outcome: Approval, now: Date): Promise<boolean> {
    return this.database.atomically(() => {
      const { consent, audit } = outcome;
      const { client, account } = this.database.standing(consent);
      if (!this.#open(id, now) || client !== 'active' || account !== 'active') return false;
      if ('code' in outcome) {
        if (outcome.stored && !this.#covered(outcome.code)) return false;
        this.database.codes.set(outcome.code.hash, outcome.code);
      } else {
        const { code, accountId, authenticatedAt, session, scopes } = outcome.device;
        const approval = {
          approved: true,
          accountId,
          authenticatedAt,
          ...(session ? { session } : {}),
          scopes,
        } as const;
        if (!this.#decide(code, approval, now)) return false;
      }
      this.database.interactions.delete(id);
      if (!('stored' in outcome)) this.database.consents.set(consentKey(consent), consent);
      this.database.audit.push(audit);
      return true;
    });
  }

  override approveAgain(code: AuthorizationCode, audit: AuditEvent): Promise<boolean> {
    return this.database.atomically(() => {
      const { client, account } = this.database.standing(code);
      if (!this.#covered(code) || client !== 'active' || account !== 'active') return false;
      this.database.codes.set(code.hash, code);
      this.database.audit.push(audit);
      return true;
    });
  }

  override refuse(id: TokenHash, audit: AuditEvent, now: Date, device?: TokenHash): Promise<boolean> {
    return this.database.atomically(() => {
      if (!this.#open(id, now)) return false;
      const reason = audit.reason ?? 'consent_denied';
      if (device !== undefined && !this.#decide(device, { approved: false, reason }, now)) return false;
      this.database.interactions.delete(id);
      this.database.audit.push(audit);
      return true;
    });
  }

  #covered(code: AuthorizationCode): boolean {
    const consent = this.database.consents.get(consentKey(code));
    return consent !== undefined && includesAll(consent.scopes, code.scopes);
  }

  #decide(code: TokenHash, decision: DeviceDecision, now: Date): boolean {
    const device = this.database.devices.get(code);
    if (!device || device.decision || now >= device.expiresAt) return false;
    this.database.devices.set(code, { ...device, decision });
    return true;
  }

  #open(id: TokenHash, now: Date, browser?: TokenHash): Interaction | undefined {
    const interaction = this.database.interactions.get(id);
    if (!interaction || now >= interaction.expiresAt) return undefined;
    return browser === undefined || interaction.browser === browser ? interaction : undefined;
  }
}
