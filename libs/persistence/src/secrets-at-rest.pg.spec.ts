import { AesGcmKeyVault, Secrets, UserCodes } from '@gatehouse/authorization-server';
import {
  aBirth,
  aClient,
  aRefreshState,
  CONTRACT_NOW,
  givenCode,
  givenDevice,
  givenInteraction,
  givenParties,
} from '@gatehouse/authorization-server/testing';
import { RecoveryCodes } from '@gatehouse/identity';
import { after, type KeyId, newSecret, tokenHash } from '@gatehouse/protocol';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { PgAccountStore } from './accounts/account.store.js';
import { toBytes } from './base64url.js';
import { PgFactorStore } from './factors/factor.store.js';
import { PgSigningKeyStore } from './keys/signing-key.store.js';
import { PgSessionStore } from './sessions/session.store.js';
import { pgStoreFixture, type PgStoreFixture } from './testing/index.js';

/** @see docs/decisions: whoever reads the database, a backup or a replica gets nothing that opens a door. */
describe('a dump of the database', () => {
  let fixture: PgStoreFixture;
  beforeAll(async () => {
    fixture = await pgStoreFixture();
  });
  afterAll(() => fixture.close());

  async function dump(): Promise<string> {
    const tables = await fixture.database.query<{ readonly name: string }>(
      `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'`,
    );
    const rows = await Promise.all(tables.map(({ name }) => fixture.database.query(`SELECT t::text FROM ${name} t`)));
    return JSON.stringify(rows);
  }

  it('holds hashes and sealed keys, and none of the secrets they were made from', async () => {
    const secrets = {
      clientSecret: newSecret('ghs_'),
      serverSecret: newSecret('ghx_'),
      code: newSecret('ghc_'),
      refreshToken: newSecret('ghr_'),
      session: newSecret('ghw_'),
      browser: newSecret('ghb_'),
      interaction: newSecret('ghi_'),
      managementToken: newSecret('ghm_'),
      initialAccessToken: newSecret('ght_'),
      pushedRequest: newSecret('ghq_'),
      deviceCode: newSecret('ghd_'),
    };
    const keyPair = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    const privateKey = keyPair.export({ type: 'pkcs8', format: 'der' });
    const privateScalar = Buffer.from(keyPair.export({ format: 'jwk' }).d ?? '', 'base64url');
    const { database, clients, resources, codes } = fixture;
    const vault = new AesGcmKeyVault([randomBytes(32)]);
    const keeper = new Secrets(vault);
    const parties = await givenParties(fixture);
    const client = aClient({ secrets: [{ hash: keeper.hash(secrets.clientSecret) }] });
    await clients.register(client, { type: 'client.registered', at: CONTRACT_NOW });
    await fixture.registrations.admit(
      { client: aClient(), managementToken: tokenHash(secrets.managementToken) },
      { type: 'client.registered', at: CONTRACT_NOW },
      CONTRACT_NOW,
    );
    await fixture.initialAccessTokens.create(
      {
        id: '0190a0a0-0000-7000-8000-000000000003',
        hash: tokenHash(secrets.initialAccessToken),
        label: 'Team',
        usesLeft: 1,
        createdAt: CONTRACT_NOW,
        expiresAt: CONTRACT_NOW,
      },
      { type: 'initial_access_token.created', at: CONTRACT_NOW },
    );
    await resources.publishServer({
      id: parties.resource.serverId,
      secrets: [{ hash: keeper.hash(secrets.serverSecret) }],
    });
    await givenInteraction(fixture, parties, {
      id: tokenHash(secrets.interaction),
      browser: tokenHash(secrets.browser),
    });
    await fixture.pushed.push({
      id: tokenHash(secrets.pushedRequest),
      clientId: client.id,
      parameters: [['state', 'x']],
      expiresAt: CONTRACT_NOW,
    });
    const userCodes = new UserCodes(vault);
    const userCode = userCodes.newCode();
    const device = { code: tokenHash(secrets.deviceCode), userCode: userCodes.hash(userCode) };
    await givenDevice(fixture, parties, device);
    const code = await givenCode(fixture, parties);
    await database.query(`WITH c AS (UPDATE authorization_codes SET hash = $2 WHERE hash = $1) SELECT 1`, [
      toBytes(code.hash),
      toBytes(tokenHash(secrets.code)),
    ]);
    const birth = aBirth(code, { refresh: aRefreshState({ currentHash: tokenHash(secrets.refreshToken) }) });
    await codes.redeem(
      { ...code, hash: tokenHash(secrets.code) },
      birth,
      { type: 'code.redeemed', at: CONTRACT_NOW },
      CONTRACT_NOW,
    );
    await new PgSessionStore(database).start(
      {
        id: tokenHash(secrets.session),
        accountId: parties.accountId,
        authenticatedAt: CONTRACT_NOW,
        sid: '0190a0a0-0000-4000-8000-000000000004',
        acr: 'urn:gatehouse:acr:1fa',
        amr: ['pwd'],
        expiresAt: after(CONTRACT_NOW, 60),
      },
      undefined,
      { type: 'sign_in.succeeded', at: CONTRACT_NOW },
    );
    expect(await new PgAccountStore(database).setPassword(parties.accountId, '$argon2id$…')).toBe(true);
    await new PgSigningKeyStore(database).publish(
      {
        id: 'key' as KeyId,
        algorithm: 'ES256',
        publicJwk: { kty: 'EC' },
        sealedPrivateKey: vault.seal(privateKey, 'key'),
        publishedAt: CONTRACT_NOW,
        activatesAt: CONTRACT_NOW,
      },
      undefined,
      CONTRACT_NOW,
      { type: 'key.published', at: CONTRACT_NOW },
    );

    const seed = randomBytes(20);
    const recovery = new RecoveryCodes(vault.derive('recovery-code')).issue(parties.accountId);
    const factorId = randomUUID();
    await new PgFactorStore(database).add(
      {
        factor: {
          kind: 'totp',
          id: factorId,
          accountId: parties.accountId,
          name: 'Phone',
          sealedSecret: vault.seal(seed, `factor:${parties.accountId}:${factorId}`),
          createdAt: CONTRACT_NOW,
        },
        onlyAsFirst: true,
        recoveryCodes: recovery.hashes,
      },
      { type: 'factor.added', at: CONTRACT_NOW },
    );

    const text = await dump();
    expect(text).toContain(recovery.hashes[0]);
    for (const code of recovery.codes)
      for (const plain of [code, code.replaceAll('-', ''), tokenHash(code.replaceAll('-', ''))])
        expect(text).not.toContain(plain);
    expect(text).toContain(toBytes(device.userCode).toString('hex'));
    for (const plain of [userCode, userCode.replace('-', ''), toBytes(tokenHash(userCode)).toString('hex')])
      expect(text).not.toContain(plain);
    const bytes = Object.values(secrets).map((secret) => Buffer.from(secret.slice(4), 'base64url'));
    for (const [name, secret] of Object.entries(secrets)) {
      // The hash is there, so the secret would be found if it was stored.
      const keyed = name === 'clientSecret' || name === 'serverSecret';
      const hash = keyed ? keeper.hash(secret) : tokenHash(secret);
      expect(text.includes(hash) || text.includes(toBytes(hash).toString('hex'))).toBe(true);
      expect(text).not.toContain(secret.slice(4));
    }
    for (const secret of [...bytes, privateScalar, seed])
      for (const encoding of ['hex', 'base64', 'base64url'] as const)
        expect(text).not.toContain(secret.toString(encoding));
  });
});
