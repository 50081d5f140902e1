import { after, type ClientId } from '@gatehouse/protocol';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { MakeStoreFixture, StoreFixture } from './store-fixture.js';
import { aClient, anyHash, anySecretHash, CONTRACT_NOW } from './store-seeds.js';

export function clientStoreContract(name: string, makeFixture: MakeStoreFixture): void {
  describe(`${name} as ClientStore`, () => {
    let fixture: StoreFixture;
    beforeAll(async () => {
      fixture = await makeFixture();
    });
    afterAll(() => fixture.close());

    it('gives a registered client back as it was', async () => {
      const plain = aClient();
      const rich = aClient({
        origin: 'pre-registered',
        name: 'Büro 株式会社 👩‍💻',
        applicationType: 'web',
        redirectUris: ['https://app.example/cb?tenant=1', 'https://app.example/cb2'],
        grantTypes: ['authorization_code'],
        authMethod: 'client_secret_basic',
        secrets: [{ hash: anySecretHash() }, { hash: anySecretHash(), expiresAt: after(CONTRACT_NOW, 60) }],
        scopes: ['invoices:read'],
        clientUri: 'https://app.example/',
        softwareId: 'ledger',
        softwareVersion: '1.2.3',
      });
      for (const client of [plain, rich]) {
        await fixture.clients.register(client, { type: 'client.registered', at: CONTRACT_NOW, clientId: client.id });
        expect(await fixture.clients.find(client.id)).toEqual(client);
      }
    });

    it('stores the audit event with the client', async () => {
      const client = aClient();
      await fixture.clients.register(client, { type: 'client.registered', at: CONTRACT_NOW, clientId: client.id });
      const events = (await fixture.auditTrail()).filter(({ clientId }) => clientId === client.id);
      expect(events).toEqual([{ type: 'client.registered', at: CONTRACT_NOW, clientId: client.id }]);
    });

    it('still finds a disabled client, marked as such', async () => {
      const client = aClient();
      await fixture.clients.register(client, { type: 'client.registered', at: CONTRACT_NOW, clientId: client.id });
      await fixture.disableClient(client.id);
      expect((await fixture.clients.find(client.id))?.disabledAt).toBeInstanceOf(Date);
    });

    it('knows no client it was not given', async () => {
      expect(await fixture.clients.find(`c_${anyHash()}` as ClientId)).toBeUndefined();
    });
  });
}
