import { after } from '@gatehouse/protocol';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { PushedRequest } from '../pushed-requests/pushed-request.js';
import type { MakeStoreFixture, StoreFixture } from './store-fixture.js';
import { aRequest, anyHash, CONTRACT_NOW, givenParties, type Parties } from './store-seeds.js';

/** Pushed requests, and the one way in which they are used up. */
export function pushedRequestStoreContract(name: string, makeFixture: MakeStoreFixture): void {
  describe(`${name} as PushedRequestStore`, () => {
    let fixture: StoreFixture;
    beforeAll(async () => {
      fixture = await makeFixture();
    });
    afterAll(() => fixture.close());

    async function given({ client }: Parties): Promise<PushedRequest> {
      const request: PushedRequest = {
        id: anyHash(),
        clientId: client.id,
        parameters: [
          ['state', 'a=b&c="d" ✓'],
          ['resource', 'https://a.example'],
          ['resource', 'https://a.example/'],
        ],
        expiresAt: after(CONTRACT_NOW, 60),
      };
      await fixture.pushed.push(request);
      return request;
    }
    const interactionOf = (parties: Parties) => ({
      id: anyHash(),
      browser: anyHash(),
      request: aRequest(parties),
      createdAt: CONTRACT_NOW,
      expiresAt: after(CONTRACT_NOW, 900),
    });

    it('gives a request back as it was, order and repetition included, until it expires', async () => {
      const request = await given(await givenParties(fixture));
      expect(await fixture.pushed.find(request.id, CONTRACT_NOW)).toEqual(request);
      expect(await fixture.pushed.find(request.id, after(CONTRACT_NOW, 59))).toEqual(request);
      expect(await fixture.pushed.find(request.id, request.expiresAt)).toBeUndefined();
      expect(await fixture.pushed.find(anyHash(), CONTRACT_NOW)).toBeUndefined();
    });

    it('begins one interaction of 50 browsers that bring the same request', async () => {
      const parties = await givenParties(fixture);
      const request = await given(parties);
      const interactions = Array.from({ length: 50 }, () => interactionOf(parties));
      const results = await Promise.all(
        interactions.map((each) => fixture.interactions.beginPushed(each, request.id, CONTRACT_NOW)),
      );
      expect(results.filter(Boolean)).toHaveLength(1);
      const begun = await Promise.all(
        interactions.map(({ id, browser }) => fixture.interactions.find(id, browser, CONTRACT_NOW)),
      );
      expect(begun.map((found) => found !== undefined)).toEqual(results);
      expect(begun.find((found) => found !== undefined)).toEqual(interactions[results.indexOf(true)]);
      expect(await fixture.pushed.find(request.id, CONTRACT_NOW)).toBeUndefined();
    });

    it('begins nothing with a request of another client, an expired or an unknown one, and uses none up', async () => {
      const parties = await givenParties(fixture);
      const request = await given(parties);
      const stranger = interactionOf(await givenParties(fixture));
      const own = interactionOf(parties);
      expect(await fixture.interactions.beginPushed(stranger, request.id, CONTRACT_NOW)).toBe(false);
      expect(await fixture.interactions.beginPushed(own, anyHash(), CONTRACT_NOW)).toBe(false);
      expect(await fixture.interactions.beginPushed(own, request.id, request.expiresAt)).toBe(false);
      expect(await fixture.interactions.find(own.id, own.browser, CONTRACT_NOW)).toBeUndefined();
      expect(await fixture.interactions.beginPushed(own, request.id, CONTRACT_NOW)).toBe(true);
    });
  });
}
