import {
  aCode,
  CONTRACT_NOW,
  givenInteraction,
  givenParties,
  interactionStoreContract,
  type Parties,
} from '@gatehouse/authorization-server/testing';
import { type TokenHash } from '@gatehouse/protocol';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  DISABLE,
  holdTransaction,
  pgStoreFixture,
  type PgStoreFixture,
  statementsOf,
  untilBlocked,
} from '../testing/index.js';

interactionStoreContract('PgInteractionStore', () => pgStoreFixture());

describe('PgInteractionStore', () => {
  let fixture: PgStoreFixture;
  beforeAll(async () => {
    fixture = await pgStoreFixture();
  });
  afterAll(() => fixture.close());

  function approve(id: TokenHash, parties: Parties): Promise<boolean> {
    const { accountId, client, resource } = parties;
    const code = aCode(parties);
    const consent = {
      accountId,
      clientId: client.id,
      resource: resource.identifier,
      scopes: code.scopes,
      grantedAt: CONTRACT_NOW,
    };
    const audit = { type: 'consent.granted', at: CONTRACT_NOW, clientId: client.id, accountId } as const;
    return fixture.interactions.approve(id, { consent, code, audit }, CONTRACT_NOW);
  }

  it.each(['client', 'account'] as const)(
    'approves nothing when the disabling of the %s is under way and is committed',
    async (party) => {
      const parties = await givenParties(fixture);
      const { id } = await givenInteraction(fixture, parties);
      const disabled = party === 'client' ? parties.client.id : parties.accountId;
      const disabling = await holdTransaction(fixture.url, DISABLE[party], [disabled]);
      const approval = approve(id, parties);
      await untilBlocked(fixture.database, 1);
      await disabling.commit();
      expect(await approval).toBe(false);
    },
  );

  it.each([
    ['ended by an operator', `SELECT id FROM clients WHERE id = $1 FOR UPDATE`],
    ['dropped as the client changes', `UPDATE clients SET name = 'Other' WHERE id = $1 RETURNING id`],
  ])('answers nothing from a consent that is being %s, and answers if it stays', async (_, held) => {
    for (const stays of [false, true]) {
      const parties = await givenParties(fixture);
      expect(await approve((await givenInteraction(fixture, parties)).id, parties)).toBe(true);
      const code = aCode(parties);
      const dropping = await holdTransaction(
        fixture.url,
        `WITH held AS (${held}), dropped AS (DELETE FROM consents USING held WHERE client_id = held.id)
         SELECT true FROM held`,
        [parties.client.id],
      );
      const audit = { type: 'consent.granted', at: CONTRACT_NOW } as const;
      const answer = fixture.interactions.approveAgain(code, audit);
      await untilBlocked(fixture.database, 1);
      await (stays ? dropping.rollback() : dropping.commit());
      expect(await answer).toBe(stays);
      expect((await fixture.codes.find(code.hash)) !== undefined).toBe(stays);
    }
  });

  it('keeps what a client wrote byte for byte, and refuses alone what no column can hold', async () => {
    const parties = await givenParties(fixture);
    expect(await approve((await givenInteraction(fixture, parties)).id, parties)).toBe(true);
    const odd = ['"; --', '\\x41', '\\u0000', '{"a":[1]}', ' ü\n\t✓😀', '{NULL,"a"}', 'null', ''];
    const codes = ['\u0000', ...odd].map((nonce) => ({ ...aCode(parties), nonce }));
    const answers = await Promise.allSettled(
      codes.map((code) => fixture.interactions.approveAgain(code, { type: 'consent.granted', at: CONTRACT_NOW })),
    );
    expect(answers[0]).toMatchObject({ status: 'rejected', reason: { code: 'invalid_request' } });
    expect(answers.slice(1)).toEqual(odd.map(() => ({ status: 'fulfilled', value: true })));
    const kept = await Promise.all(codes.map(({ hash }) => fixture.codes.find(hash)));
    expect(kept.map((found) => found?.code)).toEqual([undefined, ...codes.slice(1)]);
  });

  it('remembers one consent of two approvals for the same client in two browsers', async () => {
    const parties = await givenParties(fixture);
    const interactions = await Promise.all(Array.from({ length: 20 }, () => givenInteraction(fixture, parties)));
    const approvals = await Promise.all(interactions.map(({ id }) => approve(id, parties)));
    expect(approvals).toEqual(interactions.map(() => true));
    const { accountId, client, resource } = parties;
    expect((await fixture.consents.find(accountId, client.id, resource.identifier))?.scopes).toEqual(['invoices:read']);
  });

  it('costs one statement a verb, from the beginning to consent, code and audit', async () => {
    const parties = await givenParties(fixture);
    const journey = await statementsOf(fixture.database, async () => {
      const { id, browser } = await givenInteraction(fixture, parties);
      await fixture.interactions.find(id, browser, CONTRACT_NOW);
      await approve(id, parties);
    });
    expect(journey).toHaveLength(3);
    const code = aCode(parties);
    const audit = { type: 'consent.granted', at: CONTRACT_NOW } as const;
    const again = await statementsOf(fixture.database, () => fixture.interactions.approveAgain(code, audit));
    expect(again).toHaveLength(1);
  });
});
