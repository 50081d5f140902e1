import { anyHash, CONTRACT_NOW, proofReplayStoreContract } from '@gatehouse/authorization-server/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { pgStoreFixture, type PgStoreFixture, statementsOf } from '../testing/index.js';

proofReplayStoreContract('PgProofReplayStore', () => pgStoreFixture());

describe('PgProofReplayStore', () => {
  let fixture: PgStoreFixture;
  beforeAll(async () => {
    fixture = await pgStoreFixture();
  });
  afterAll(() => fixture.close());

  it('costs one statement, and keeps neither the key nor what the client wrote', async () => {
    const [jkt, jti] = [anyHash(), `jti-${anyHash()}`];
    expect(await statementsOf(fixture.database, () => fixture.proofs.use(jkt, jti, CONTRACT_NOW))).toHaveLength(1);
    const rows = await fixture.database.query(`SELECT t::text FROM used_proofs t`);
    expect(JSON.stringify(rows)).not.toContain(jti);
    expect(JSON.stringify(rows)).not.toContain(jkt);
  });
});
