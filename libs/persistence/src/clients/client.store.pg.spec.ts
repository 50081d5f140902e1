import { type Client } from '@gatehouse/authorization-server';
import { aClient, clientStoreContract, CONTRACT_NOW, givenParties } from '@gatehouse/authorization-server/testing';
import { after, type ClientId } from '@gatehouse/protocol';
import { describe, expect, it } from '@jest/globals';
import { holdTransaction, pgStoreFixture, untilBlocked } from '../testing/index.js';

clientStoreContract('PgClientStore', () => pgStoreFixture());

describe('an approval that is under way while the document of its client changes', () => {
  /** Locks and writes as InteractionStore.approve does. */
  const AGREE = `
    WITH client AS (SELECT id FROM clients WHERE id = $1 FOR SHARE)
    INSERT INTO consents (account_id, client_id, resource, scopes, granted_at)
    SELECT $2, id, $3, '{}', now() FROM client`;

  it('leaves no consent behind: what was agreed to a moment ago is gone by now', async () => {
    const fixture = await pgStoreFixture();
    try {
      const { accountId, resource } = await givenParties(fixture);
      const copy = (seconds: number) => ({
        fetchedAt: after(CONTRACT_NOW, seconds),
        expiresAt: after(CONTRACT_NOW, seconds + 60),
      });
      const id = 'https://app.example/client.json' as ClientId;
      const client: Client = { ...aClient({ origin: 'metadata-document' }), id, document: copy(0) };
      await fixture.clients.adopt(client, { type: 'client.registered', at: CONTRACT_NOW, clientId: id });
      const approval = await holdTransaction(fixture.url, AGREE, [id, accountId, resource.identifier]);
      const changed = { type: 'client.changed', at: CONTRACT_NOW, clientId: id } as const;
      const renewal = fixture.clients.renew(client, { ...client, name: 'Other', document: copy(60) }, changed);
      await untilBlocked(fixture.database, 1);
      await approval.commit();
      expect(await renewal).toBe(true);
      expect(await fixture.consents.find(accountId, id, resource.identifier)).toBeUndefined();
    } finally {
      await fixture.close();
    }
  });
});
