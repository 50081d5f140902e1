/** What an operator does with identity providers: declare, stop, remove. A declaration is the whole truth but for secrets. */
import type { AuditEvent } from '@gatehouse/audit';
import type { Clock } from '@gatehouse/protocol';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import type { Connectors } from './connector.js';
import {
  type IdentityProvider,
  PROVIDER_ID,
  PROVIDER_KINDS,
  type ProviderId,
  type StoredProvider,
} from './identity-provider.js';
import type { IdentityProviderStore } from './identity-provider.store.js';
import { openProvider, sealSecrets } from './providers.js';
import type { Vault } from './vault.js';

const domain = z
  .string()
  .max(253)
  .regex(/^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z0-9][a-z0-9-]*$/, 'must be a domain in lower case');

/** As a file or a request has it. */
export const providerDeclaration = z.strictObject({
  id: z.string().regex(PROVIDER_ID, 'must be 1 to 32 lower-case letters, digits and hyphens'),
  kind: z.enum(PROVIDER_KINDS),
  name: z
    .string()
    .trim()
    .min(1)
    .max(60)
    .regex(/^[^\p{C}\p{Zl}\p{Zp}]+$/u, 'must be plain text'),
  domains: z.array(domain).max(200).default([]),
  just_in_time: z.boolean().default(false),
  settings: z.record(z.string(), z.unknown()).default({}),
  /** Absent: those that are stored stay. */
  secrets: z.record(z.string().max(100), z.string().min(1).max(20_000)).optional(),
  disabled: z.boolean().default(false),
});

export type ProviderDeclaration = z.output<typeof providerDeclaration>;

export interface ProviderResult {
  readonly id: string;
  readonly outcome: 'created' | 'changed' | 'unchanged' | 'unknown' | 'unusable';
  /** In our words; no value is repeated. */
  readonly problems?: readonly string[];
}

export interface ProviderRegistryParts {
  readonly store: IdentityProviderStore;
  readonly connectors: Connectors;
  readonly vault: Vault;
  readonly clock: Clock;
  /** Puts the name of who asked into the event. */
  readonly recorded?: (event: AuditEvent) => AuditEvent;
}

export class ProviderRegistry {
  constructor(private readonly by: ProviderRegistryParts) {}

  async list(): Promise<readonly IdentityProvider[]> {
    return (await this.by.store.list()).map(({ sealedSecrets: _, ...provider }) => provider);
  }

  /** Creates what is not there, changes what differs. */
  async apply(declared: ProviderDeclaration): Promise<ProviderResult> {
    const { id } = declared;
    const known = (await this.by.store.list()).find((each) => each.id === id);
    const declaration = await this.#completed(declared, known);
    const problems = this.#problems(declaration, known);
    if (problems.length > 0) return { id, outcome: 'unusable', problems };
    const at = this.by.clock.now();
    const event = this.#event('provider.published', id, at);
    if (!known) {
      const provider = this.#declared(declaration, { createdAt: at }, at);
      if (await this.by.store.create(provider, event)) return { id, outcome: 'created' };
    }
    let outcome: ProviderResult['outcome'] = 'unchanged';
    const found = await this.by.store.change(id as ProviderId, (current) => {
      const provider = this.#declared(declaration, current, at);
      if (this.#isSame(current, provider)) return undefined;
      outcome = 'changed';
      return { provider, audit: event };
    });
    return { id, outcome: found ? outcome : 'unknown' };
  }

  async setDisabled(id: string, disabled: boolean): Promise<ProviderResult> {
    const at = this.by.clock.now();
    let outcome: ProviderResult['outcome'] = 'unchanged';
    const found = await this.by.store.change(id as ProviderId, (current) => {
      if ((current.disabledAt !== undefined) === disabled) return undefined;
      outcome = 'changed';
      const { disabledAt: _, ...provider } = current;
      const audit = this.#event(disabled ? 'provider.disabled' : 'provider.enabled', id, at);
      return { provider: { ...provider, ...(disabled ? { disabledAt: at } : {}) }, audit };
    });
    return { id, outcome: found ? outcome : 'unknown' };
  }

  async remove(id: string): Promise<ProviderResult> {
    const event = this.#event('provider.removed', id, this.by.clock.now());
    return { id, outcome: (await this.by.store.remove(id as ProviderId, event)) ? 'changed' : 'unknown' };
  }

  /** Asks the provider what it says of itself. Undefined: unknown. @throws SsoProblem */
  async probe(id: string): Promise<readonly string[] | undefined> {
    const known = (await this.by.store.list()).find((each) => each.id === id);
    const connector = known && this.by.connectors.of(known.kind);
    return known && connector?.probe(openProvider(this.by.vault, known));
  }

  /** With keys of our own, where the provider needs some and nobody brought any. Those that are stored stay. */
  async #completed(declaration: ProviderDeclaration, known: StoredProvider | undefined): Promise<ProviderDeclaration> {
    const connector = this.by.connectors.of(declaration.kind);
    if (!connector || declaration.secrets !== undefined || known?.sealedSecrets !== undefined) return declaration;
    const secrets = await connector.complete(declaration.id, {});
    return Object.keys(secrets).length === 0 ? declaration : { ...declaration, secrets };
  }

  #problems(declaration: ProviderDeclaration, known: StoredProvider | undefined): readonly string[] {
    const connector = this.by.connectors.of(declaration.kind);
    if (!connector) return ['kind: is not supported here'];
    if (known && known.kind !== declaration.kind) return ['kind: is another one already; remove the provider first'];
    const secrets = declaration.secrets ?? (known ? openProvider(this.by.vault, known).secrets : {});
    return connector.problems(declaration.settings, secrets);
  }

  #declared(
    declaration: ProviderDeclaration,
    current: Pick<StoredProvider, 'createdAt' | 'disabledAt' | 'sealedSecrets'>,
    at: Date,
  ): StoredProvider {
    const id = declaration.id as ProviderId;
    const { kind, name, domains, just_in_time: justInTime, settings, secrets, disabled } = declaration;
    const sealedSecrets = secrets === undefined ? current.sealedSecrets : sealSecrets(this.by.vault, id, secrets);
    return {
      ...{ id, kind, name, domains, justInTime, settings, createdAt: current.createdAt },
      ...(sealedSecrets === undefined ? {} : { sealedSecrets }),
      ...(disabled ? { disabledAt: current.disabledAt ?? at } : {}),
    };
  }

  /** Sealing the same twice gives two texts, so what is inside is compared. */
  #isSame(one: StoredProvider, other: StoredProvider): boolean {
    const { vault } = this.by;
    return isDeepStrictEqual(openProvider(vault, one), openProvider(vault, other));
  }

  #event(type: AuditEvent['type'], id: string, at: Date): AuditEvent {
    const event: AuditEvent = { type, at, detail: { provider: id } };
    return this.by.recorded?.(event) ?? event;
  }
}
