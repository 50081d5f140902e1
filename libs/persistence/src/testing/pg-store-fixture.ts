import { type StoreFixture } from '@gatehouse/authorization-server/testing';
import { type AccountId } from '@gatehouse/protocol';
import { randomUUID } from 'node:crypto';
import { PgAccessPolicyStore } from '../access/access-policy.store.js';
import { PgClientAdministrationStore } from '../administration/client-administration.store.js';
import { PgAuthorizationStore } from '../authorizations/authorization.store.js';
import { PgInteractionStore } from '../authorize/interaction.store.js';
import { PgAssertionReplayStore } from '../clients/assertion-replay.store.js';
import { PgClientUsageStore } from '../clients/client-usage.store.js';
import { PgClientStore } from '../clients/client.store.js';
import { PgAuthorizationCodeStore } from '../codes/authorization-code.store.js';
import { PgConsentStore } from '../consent/consent.store.js';
import { type Database } from '../database.js';
import { PgDeviceAuthorizationStore } from '../device/device-authorization.store.js';
import { PgProofReplayStore } from '../dpop/proof-replay.store.js';
import { PgEntitlementStore } from '../entitlements/entitlement.store.js';
import { PgExchangeStore } from '../exchange/exchange.store.js';
import { PgInitialAccessTokenStore } from '../registration/initial-access-token.store.js';
import { PgRegistrationStore } from '../registration/registration.store.js';
import { PgPreRegistrationStore } from '../pre-registration/pre-registration.store.js';
import { PgPushedRequestStore } from '../pushed-requests/pushed-request.store.js';
import { PgResourceStore } from '../resources/resource.store.js';
import { openTestDatabase } from './open-test-database.js';
import { storedAuditEvents } from './stored-audit-events.js';

export interface PgStoreFixture extends StoreFixture {
  readonly url: string;
  readonly database: Database;
}

/** All stores of the core on one database of their own. */
export async function pgStoreFixture(poolSize?: number): Promise<PgStoreFixture> {
  const { url, database, close } = await openTestDatabase(poolSize);
  const run = async (text: string, values: readonly unknown[]): Promise<void> => {
    await database.query(text, values);
  };
  return {
    url,
    database,
    clients: new PgClientStore(database),
    preRegistration: new PgPreRegistrationStore(database),
    administration: new PgClientAdministrationStore(database),
    resources: new PgResourceStore(database),
    entitlements: new PgEntitlementStore(database),
    access: new PgAccessPolicyStore(database),
    consents: new PgConsentStore(database),
    interactions: new PgInteractionStore(database),
    codes: new PgAuthorizationCodeStore(database),
    authorizations: new PgAuthorizationStore(database),
    pushed: new PgPushedRequestStore(database),
    devices: new PgDeviceAuthorizationStore(database),
    exchanges: new PgExchangeStore(database),
    proofs: new PgProofReplayStore(database),
    assertions: new PgAssertionReplayStore(database),
    registrations: new PgRegistrationStore(database),
    initialAccessTokens: new PgInitialAccessTokenStore(database),
    usage: new PgClientUsageStore(database),
    addAccount: async () => {
      const id = randomUUID() as AccountId;
      await run(`INSERT INTO accounts (id, username, display_name, created_at) VALUES ($1, $2, 'Anna', now())`, [
        id,
        `anna-${id}`,
      ]);
      return id;
    },
    addGroup: async (id, group) => {
      const [provider] = group.split('/');
      await run(PROVIDER, [provider]);
      await run(`INSERT INTO account_groups (account_id, provider_id, name) VALUES ($1, $2, $3)`, [
        id,
        provider,
        group,
      ]);
    },
    disableAccount: (id) => run(DISABLE.account, [id]),
    disableClient: (id) => run(DISABLE.client, [id]),
    disableResource: (id) => run(DISABLE.resource, [id]),
    auditTrail: () => storedAuditEvents(database),
    close,
  };
}

const PROVIDER = `
  INSERT INTO identity_providers (id, kind, name, domains, just_in_time, settings, created_at)
  VALUES ($1, 'oidc', $1, '{}', false, '{}', now()) ON CONFLICT DO NOTHING`;

/** There is no verb for it yet: an operator does it. */
export const DISABLE = {
  client: `UPDATE clients SET disabled_at = now() WHERE id = $1`,
  account: `UPDATE accounts SET disabled_at = now() WHERE id = $1`,
  resource: `UPDATE resources SET disabled_at = now() WHERE identifier = $1`,
} as const;
