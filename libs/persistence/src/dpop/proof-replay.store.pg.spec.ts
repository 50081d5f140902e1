import {
  aBirth,
  anyHash,
  CONTRACT_NOW,
  givenCode,
  givenParties,
  proofReplayStoreContract,
} from '@gatehouse/authorization-server/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { pgStoreFixture, type PgStoreFixture, statementsOf } from '../testing/index.js';

proofReplayStoreContract('PgProofReplayStore', () => pgStoreFixture());

describe('PgProofReplayStore', () => {
  let fixture: PgStoreFixture;
  beforeAll(async () => {
    fixture = await pgStoreFixture();
  });
  afterAll(() => fixture.close());

  it('makes a redemption with a proof cost four statements', async () => {
    const parties = await givenParties(fixture);
    const code = await givenCode(fixture, parties);
    const birth = aBirth(code);
    const audit = { type: 'code.redeemed', at: CONTRACT_NOW, authorizationId: birth.id } as const;
    const statements = await statementsOf(fixture.database, async () => {
      await fixture.clients.find(code.clientId);
      await fixture.codes.find(code.hash);
      await fixture.proofs.use(anyHash(), 'one', CONTRACT_NOW);
      await fixture.codes.redeem(code, birth, audit, CONTRACT_NOW);
    });
    expect(statements).toHaveLength(4);
  });

  it('costs one statement, and keeps neither the key nor what the client wrote', async () => {
    const [jkt, jti] = [anyHash(), `jti-${anyHash()}`];
    expect(await statementsOf(fixture.database, () => fixture.proofs.use(jkt, jti, CONTRACT_NOW))).toHaveLength(1);
    const rows = await fixture.database.query(`SELECT t::text FROM used_proofs t`);
    expect(JSON.stringify(rows)).not.toContain(jti);
    expect(JSON.stringify(rows)).not.toContain(jkt);
  });
});
