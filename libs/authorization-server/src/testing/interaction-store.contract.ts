import type { AuditEvent } from '@gatehouse/audit';
import { after } from '@gatehouse/protocol';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Interaction, RefusedRequest } from '../authorize/interaction.js';
import type { Consent } from '../consent/consent.js';
import type { MakeStoreFixture, StoreFixture } from './store-fixture.js';
import {
  aCode,
  anyHash,
  aPerson,
  aRequest,
  CONTRACT_NOW,
  givenInteraction,
  givenParties,
  type Parties,
} from './store-seeds.js';

export function interactionStoreContract(name: string, makeFixture: MakeStoreFixture): void {
  describe(`${name} as InteractionStore and ConsentStore`, () => {
    let fixture: StoreFixture;
    beforeAll(async () => {
      fixture = await makeFixture();
    });
    afterAll(() => fixture.close());

    const find = (interaction: Interaction, now = CONTRACT_NOW) =>
      fixture.interactions.find(interaction.id, interaction.browser, now);
    const consentOf = ({ accountId, client, resource }: Parties) =>
      fixture.consents.find(accountId, client.id, resource.identifier);
    const eventsOf = async ({ client }: Parties) =>
      (await fixture.auditTrail()).filter(({ type, clientId }) => clientId === client.id && type.startsWith('consent'));

    function outcome(parties: Parties, scopes: readonly string[] = ['invoices:read']) {
      const { accountId, client, resource } = parties;
      const ids = { accountId, clientId: client.id, resource: resource.identifier, scopes };
      const consent: Consent = { ...ids, grantedAt: CONTRACT_NOW };
      const audit: AuditEvent = { ...ids, type: 'consent.granted', at: CONTRACT_NOW };
      return { consent, code: aCode(parties), audit };
    }
    function refusal({ accountId, client }: Parties): AuditEvent {
      return { type: 'consent.denied', reason: 'consent_denied', at: CONTRACT_NOW, accountId, clientId: client.id };
    }

    it('gives an interaction back as it was, odd characters in its state included', async () => {
      const parties = await givenParties(fixture);
      const person = aPerson(parties.accountId, after(CONTRACT_NOW, -5));
      const refused: RefusedRequest = {
        ...aRequest(parties),
        refusal: { code: 'invalid_scope', reason: 'unknown_scope' },
      };
      const interactions = [
        await givenInteraction(fixture, parties),
        await givenInteraction(fixture, parties, { person }),
        await givenInteraction(fixture, parties, { request: { ...aRequest(parties), alwaysAsk: true } }),
        await givenInteraction(fixture, parties, { request: refused }),
      ];
      for (const interaction of interactions) expect(await find(interaction)).toEqual(interaction);
    });

    it('shows an interaction to no other browser, and to none after its end', async () => {
      const interaction = await givenInteraction(fixture, await givenParties(fixture));
      expect(await fixture.interactions.find(interaction.id, anyHash(), CONTRACT_NOW)).toBeUndefined();
      expect(await find(interaction, after(interaction.expiresAt, -1))).toBeDefined();
      expect(await find(interaction, interaction.expiresAt)).toBeUndefined();
    });

    it('moves an interaction to a new id at sign-in, so that a planted id is worth nothing after', async () => {
      const parties = await givenParties(fixture);
      const interaction = await givenInteraction(fixture, parties);
      const next = { id: anyHash(), person: aPerson(parties.accountId) };
      expect(await fixture.interactions.signIn(interaction.id, interaction.browser, next, CONTRACT_NOW)).toBe(true);
      expect(await find(interaction)).toBeUndefined();
      expect(await find({ ...interaction, id: next.id })).toEqual({ ...interaction, ...next });
    });

    it('replaces the person when somebody else signs in', async () => {
      const parties = await givenParties(fixture);
      const person = aPerson(parties.accountId);
      const interaction = await givenInteraction(fixture, parties, { person });
      const other = aPerson(await fixture.addAccount(), after(CONTRACT_NOW, 9));
      const next = { id: anyHash(), person: other };
      expect(await fixture.interactions.signIn(interaction.id, interaction.browser, next, CONTRACT_NOW)).toBe(true);
      expect((await find({ ...interaction, id: next.id }))?.person).toEqual(other);
    });

    it('lets nobody sign in to an interaction of another browser, an expired or an unknown one', async () => {
      const parties = await givenParties(fixture);
      const { id, browser, expiresAt } = await givenInteraction(fixture, parties);
      const next = { id: anyHash(), person: aPerson(parties.accountId) };
      expect(await fixture.interactions.signIn(id, anyHash(), next, CONTRACT_NOW)).toBe(false);
      expect(await fixture.interactions.signIn(id, browser, next, expiresAt)).toBe(false);
      expect(await fixture.interactions.signIn(anyHash(), browser, next, CONTRACT_NOW)).toBe(false);
    });

    it('moves an interaction once when several sign-ins arrive together', async () => {
      const parties = await givenParties(fixture);
      const { id, browser } = await givenInteraction(fixture, parties);
      const person = aPerson(parties.accountId);
      const results = await Promise.all(
        Array.from({ length: 50 }, () =>
          fixture.interactions.signIn(id, browser, { id: anyHash(), person }, CONTRACT_NOW),
        ),
      );
      expect(results.filter(Boolean)).toHaveLength(1);
    });

    it('approves once of 50 parallel approvals, with one code, one consent and one event', async () => {
      const parties = await givenParties(fixture);
      const { id } = await givenInteraction(fixture, parties);
      const outcomes = Array.from({ length: 50 }, () => outcome(parties));
      const results = await Promise.all(outcomes.map((each) => fixture.interactions.approve(id, each, CONTRACT_NOW)));
      expect(results.filter(Boolean)).toHaveLength(1);
      const codes = await Promise.all(outcomes.map(({ code }) => fixture.codes.find(code.hash)));
      expect(codes.map((found) => found !== undefined)).toEqual(results);
      expect(await consentOf(parties)).toEqual(outcomes[0]?.consent);
      expect(await eventsOf(parties)).toEqual([outcomes[0]?.audit]);
    });

    it('ends once when approval and refusal arrive together', async () => {
      const parties = await givenParties(fixture);
      const { id, browser } = await givenInteraction(fixture, parties);
      const results = await Promise.all(
        Array.from({ length: 50 }, (_, index) =>
          index % 2 === 0
            ? fixture.interactions.approve(id, outcome(parties), CONTRACT_NOW)
            : fixture.interactions.refuse(id, refusal(parties), CONTRACT_NOW),
        ),
      );
      expect(results.filter(Boolean)).toHaveLength(1);
      expect(await eventsOf(parties)).toHaveLength(1);
      expect(await fixture.interactions.find(id, browser, CONTRACT_NOW)).toBeUndefined();
    });

    it('refuses once, with its event and without a consent', async () => {
      const parties = await givenParties(fixture);
      const { id } = await givenInteraction(fixture, parties);
      const refuse = () => fixture.interactions.refuse(id, refusal(parties), CONTRACT_NOW);
      expect(await refuse()).toBe(true);
      expect(await refuse()).toBe(false);
      expect(await eventsOf(parties)).toEqual([refusal(parties)]);
      expect(await consentOf(parties)).toBeUndefined();
    });

    it.each(['client', 'account'] as const)('approves nothing when the %s was disabled meanwhile', async (party) => {
      const parties = await givenParties(fixture);
      const { id } = await givenInteraction(fixture, parties);
      if (party === 'client') await fixture.disableClient(parties.client.id);
      else await fixture.disableAccount(parties.accountId);
      const attempt = outcome(parties);
      expect(await fixture.interactions.approve(id, attempt, CONTRACT_NOW)).toBe(false);
      expect(await fixture.codes.find(attempt.code.hash)).toBeUndefined();
      expect(await consentOf(parties)).toBeUndefined();
      expect(await eventsOf(parties)).toEqual([]);
    });

    it('decides nothing after the end of an interaction', async () => {
      const parties = await givenParties(fixture);
      const { id, expiresAt } = await givenInteraction(fixture, parties);
      expect(await fixture.interactions.approve(id, outcome(parties), expiresAt)).toBe(false);
      expect(await fixture.interactions.refuse(id, refusal(parties), expiresAt)).toBe(false);
      expect(await eventsOf(parties)).toEqual([]);
    });

    it('gives a code for an agreement of before, with its event and nothing else', async () => {
      const parties = await givenParties(fixture);
      const { code, audit, consent } = outcome(parties, ['invoices:read', 'invoices:write']);
      expect(await fixture.interactions.approveAgain(code, audit)).toBe(false);
      expect(await fixture.codes.find(code.hash)).toBeUndefined();
      const interaction = await givenInteraction(fixture, parties);
      await fixture.interactions.approve(interaction.id, { code: aCode(parties), audit, consent }, CONTRACT_NOW);

      const codes = Array.from({ length: 20 }, () => aCode(parties));
      const given = await Promise.all(codes.map((each) => fixture.interactions.approveAgain(each, audit)));
      expect(given).toEqual(codes.map(() => true));
      for (const each of codes) expect((await fixture.codes.find(each.hash))?.code).toEqual(each);
      expect(await consentOf(parties)).toEqual(consent);
      expect(await eventsOf(parties)).toEqual(Array.from({ length: 21 }, () => audit));
    });

    it('gives no code for more than was agreed to, nor for a client or account that is disabled', async () => {
      const spoilings: readonly (readonly [(parties: Parties) => Promise<void>, boolean])[] = [
        [() => Promise.resolve(), true],
        [({ client }) => fixture.disableClient(client.id), false],
        [({ accountId }) => fixture.disableAccount(accountId), false],
      ];
      for (const [spoil, expected] of spoilings) {
        const parties = await givenParties(fixture);
        const { audit, consent } = outcome(parties);
        const interaction = await givenInteraction(fixture, parties);
        await fixture.interactions.approve(interaction.id, { code: aCode(parties), audit, consent }, CONTRACT_NOW);
        const narrow = { ...aCode(parties), scopes: ['invoices:read'] };
        const wide = { ...aCode(parties), scopes: ['invoices:read', 'invoices:write'] };
        await spoil(parties);
        expect(await fixture.interactions.approveAgain(wide, audit)).toBe(false);
        expect(await fixture.interactions.approveAgain(narrow, audit)).toBe(expected);
        expect(await fixture.codes.find(wide.hash)).toBeUndefined();
      }
    });

    it('gives nothing for an agreement of before that went meanwhile, and does not bring it back', async () => {
      const parties = await givenParties(fixture);
      const { code, audit, consent } = outcome(parties);
      const first = await givenInteraction(fixture, parties);
      await fixture.interactions.approve(first.id, { code: aCode(parties), audit, consent }, CONTRACT_NOW);
      const stored = { code: aCode(parties), audit, consent, stored: true } as const;
      const second = await givenInteraction(fixture, parties);
      expect(await fixture.interactions.approve(second.id, stored, CONTRACT_NOW)).toBe(true);
      expect(await consentOf(parties)).toEqual(consent);

      const third = await givenInteraction(fixture, parties);
      const wide = { ...stored, code: { ...code, scopes: ['invoices:read', 'invoices:write'] } };
      expect(await fixture.interactions.approve(third.id, wide, CONTRACT_NOW)).toBe(false);
      await fixture.administration.revokeAll(parties.client.id, { ...audit, type: 'client.revoked' });
      expect(await fixture.interactions.approve(third.id, { ...stored, code }, CONTRACT_NOW)).toBe(false);
      expect(await fixture.codes.find(code.hash)).toBeUndefined();
      expect(await consentOf(parties)).toBeUndefined();
      expect(await find(third)).toEqual(third);
    });

    it('keeps what the person agreed to last', async () => {
      const parties = await givenParties(fixture);
      for (const scopes of [['invoices:read', 'invoices:write'], ['invoices:read']]) {
        const { id } = await givenInteraction(fixture, parties);
        expect(await fixture.interactions.approve(id, outcome(parties, scopes), CONTRACT_NOW)).toBe(true);
        expect((await consentOf(parties))?.scopes).toEqual(scopes);
      }
    });
  });
}
