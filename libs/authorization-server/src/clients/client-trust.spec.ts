import type { ClientId } from '@gatehouse/protocol';
import { describe, expect, it } from '@jest/globals';
import { aClient } from '../testing/store-seeds.js';
import type { Client } from './client.js';
import { clientTrust, type ClientTrustPolicy, documentHost, OPEN_TO_ALL } from './client-trust.js';

const policy = (overrides: Partial<ClientTrustPolicy> = {}): ClientTrustPolicy => ({ ...OPEN_TO_ALL, ...overrides });
const listed = (...domains: string[]) => ({ domains, clients: [] });
const named = (...clients: string[]) => ({ domains: [], clients });
const published = (id: string, redirectUris = ['http://127.0.0.1/cb']): Client =>
  aClient({ id: id as ClientId, origin: 'metadata-document', redirectUris });

const app = published('https://app.example.com/client.json');
const dynamic = aClient();
const invited = aClient({ origin: 'pre-registered' });

describe('clientTrust (AS-94)', () => {
  it('in an open house lets everybody in and vouches for the invited and the listed', () => {
    const open = policy({ allowed: listed('app.example.com') });
    expect(clientTrust(open, app)).toBe('verified');
    expect(clientTrust(open, invited)).toBe('verified');
    expect(clientTrust(open, dynamic)).toBe('unverified');
    expect(clientTrust(OPEN_TO_ALL, app)).toBe('unverified');
  });

  it('in a house of verified clients lets in the invited and the listed alone (AS-93)', () => {
    const verified = policy({ registration: 'verified', allowed: listed('app.example.com') });
    expect(clientTrust(verified, app)).toBe('verified');
    expect(clientTrust(verified, invited)).toBe('verified');
    expect(clientTrust(verified, dynamic)).toBe('refused');
    expect(clientTrust(verified, published('https://other.example/client.json'))).toBe('refused');
    const byId = policy({ registration: 'verified', allowed: named(app.id, dynamic.id) });
    expect([clientTrust(byId, app), clientTrust(byId, dynamic)]).toEqual(['verified', 'verified']);
    expect(clientTrust(byId, published(`${app.id}/2`))).toBe('refused');
  });

  it('in a closed house lets in the invited alone, whatever is listed', () => {
    const closed = policy({ registration: 'closed', allowed: { domains: ['app.example.com'], clients: [dynamic.id] } });
    expect(clientTrust(closed, invited)).toBe('verified');
    expect([clientTrust(closed, app), clientTrust(closed, dynamic)]).toEqual(['refused', 'refused']);
  });

  it('takes a client that is denied for denied, though it is allowed or invited too', () => {
    const denied = policy({ allowed: listed('app.example.com'), denied: named(app.id, invited.id) });
    expect([clientTrust(denied, app), clientTrust(denied, invited)]).toEqual(['refused', 'refused']);
    const host = policy({ allowed: named(app.id), denied: listed('*.example.com') });
    expect(clientTrust(host, app)).toBe('refused');
  });

  it('takes a denied client for denied with whatever query it puts behind its id, and no other client of the host', () => {
    const denied = policy({ denied: named(app.id) });
    expect(clientTrust(denied, published(`${app.id}?again=1`))).toBe('refused');
    expect(clientTrust(denied, published(`${app.id}.other`))).toBe('unverified');
  });

  it('shuts out whoever wants answers at a denied host, however it came, but not whom the operator invited', () => {
    const denied = policy({ denied: listed('evil.example') });
    const redirectUris = ['https://fine.example/cb', 'https://evil.example/cb'];
    expect(clientTrust(denied, published('https://fine.example/client.json', redirectUris))).toBe('refused');
    expect(clientTrust(denied, aClient({ redirectUris }))).toBe('refused');
    expect(clientTrust(denied, aClient({ redirectUris, origin: 'pre-registered' }))).toBe('verified');
  });

  it.each([
    ['example.com', 'https://example.com/c.json', true],
    ['example.com', 'https://app.example.com/c.json', false],
    ['example.com', 'https://example.com.evil.net/c.json', false],
    ['example.com', 'https://evil-example.com/c.json', false],
    ['example.com', 'https://evil.net/example.com/c.json', false],
    ['example.com', 'https://example.com:8443/c.json', true],
    ['*.example.com', 'https://app.example.com/c.json', true],
    ['*.example.com', 'https://a.b.example.com/c.json', true],
    ['*.example.com', 'https://example.com/c.json', false],
    ['*.example.com', 'https://evilexample.com/c.json', false],
    ['*.example.com', 'https://app.example.com.evil.net/c.json', false],
  ])('reads %s by whole labels: %s', (domain, id, allowed) => {
    const verified = policy({ registration: 'verified', allowed: listed(domain) });
    expect(clientTrust(verified, published(id))).toBe(allowed ? 'verified' : 'refused');
  });

  it('is not won by a redirect URI on an allowed host: anybody can name one', () => {
    const verified = policy({ registration: 'verified', allowed: listed('bank.example') });
    const redirectUris = ['https://bank.example/cb'];
    expect(clientTrust(verified, aClient({ redirectUris }))).toBe('refused');
    expect(clientTrust(verified, published('https://evil.example/c.json', redirectUris))).toBe('refused');
  });
});

describe('documentHost', () => {
  it('is the host that published the document, and nobody for ids given out here', () => {
    expect(documentHost(app.id)).toBe('app.example.com');
    expect(documentHost(dynamic.id)).toBeUndefined();
    expect(documentHost('https://a@b/' as ClientId)).toBeUndefined();
  });
});
