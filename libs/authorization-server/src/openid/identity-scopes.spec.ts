import { describe, expect, it } from '@jest/globals';
import { accessScopes, chosenScopes, stillGranted } from './identity-scopes.js';

const READ = 'invoices:read';
const person = (...entitledScopes: string[]) => ({ account: 'active', entitledScopes }) as const;

describe('identity scopes', () => {
  it('are the person’s to hand on whatever else is', () => {
    expect(stillGranted(['openid', 'email'], person())).toEqual(['openid', 'email']);
    expect(stillGranted([READ, 'openid'], person(READ))).toEqual([READ, 'openid']);
  });

  it('do not live on when nothing is left of the resource they were asked for with', () => {
    expect(stillGranted([READ, 'openid'], person('invoices:write'))).toEqual([]);
    expect(stillGranted([READ, 'openid'], person(READ), ['openid'])).toEqual([]);
    expect(chosenScopes([READ, 'openid'], ['openid'])).toEqual([]);
  });

  it('may be narrowed and unticked like any other', () => {
    expect(stillGranted([READ, 'openid'], person(READ), [READ])).toEqual([READ]);
    expect(chosenScopes([READ, 'openid', 'email'], [READ, 'openid'])).toEqual([READ, 'openid']);
    expect(chosenScopes(['openid', 'email'], ['openid'])).toEqual(['openid']);
    expect(chosenScopes(['openid'], [READ])).toEqual([]);
  });

  it('go with what the client may not ask for any more, like any other', () => {
    const standing = { ...person(READ), clientScopes: [READ, 'openid'] };
    expect(stillGranted([READ, 'openid', 'email'], standing)).toEqual([READ, 'openid']);
    expect(stillGranted([READ, 'openid'], { ...standing, clientScopes: ['openid'] })).toEqual([]);
    expect(stillGranted(['openid', 'email'], { ...standing, clientScopes: [READ] })).toEqual([]);
  });

  it('are nothing for a client that acts for itself, even one registered with them', () => {
    const robot = { account: 'absent', entitledScopes: [READ] } as const;
    expect(stillGranted([READ, 'openid'], robot)).toEqual([READ]);
  });

  it('are in an access token only where they are all there is', () => {
    expect(accessScopes([READ, 'openid', 'profile'])).toEqual([READ]);
    expect(accessScopes(['openid', 'profile'])).toEqual(['openid', 'profile']);
  });
});
