import { StoppedClock } from '@gatehouse/protocol/testing';
import { describe, expect, it } from '@jest/globals';
import type { JWK } from 'jose';
import { SigningClient } from '../testing/signing-client.js';
import { TestKeySource } from '../testing/test-key-source.js';
import { CLIENT_KEY_CACHE, ClientKeys } from './client-keys.js';

const [a, b] = [
  (await SigningClient.create('ES256', 'a')).publicJwk,
  (await SigningClient.create('ES256', 'b')).publicJwk,
];
const URI = 'https://app.example/jwks';
const named = (kid: string) => (keys: readonly JWK[]) => keys.filter((key) => key.kid === kid);

function house() {
  const clock = new StoppedClock();
  const source = new TestKeySource();
  const keys = new ClientKeys({ clock, source });
  source.published.set(URI, { keys: [a] });
  const find = (kid: string, jwksUri = URI) => keys.find({ jwksUri }, named(kid));
  return { clock, source, keys, find };
}

describe('the published keys of a client (AS-91)', () => {
  it('are fetched once for many assertions, also when those come at once', async () => {
    const { source, find } = house();
    expect(await Promise.all([find('a'), find('a'), find('a')])).toEqual([[a], [a], [a]]);
    expect(await find('a')).toEqual([a]);
    expect(source.fetched).toEqual([URI]);
  });

  it('are fetched anew when a key is named that is not among them', async () => {
    const { clock, source, find } = house();
    await find('a');
    source.published.set(URI, { keys: [a, b] });
    clock.advance(CLIENT_KEY_CACHE.pause);
    expect(await find('b')).toEqual([b]);
    expect(source.fetched).toHaveLength(2);
  });

  it('are forgotten when the client has withdrawn them', async () => {
    const { clock, source, find } = house();
    await find('a');
    source.published.set(URI, { keys: [b] });
    clock.advance(CLIENT_KEY_CACHE.fresh);
    expect(await find('a')).toEqual([]);
  });

  it('are kept for a while when their host does not answer, and not longer', async () => {
    const { clock, source, find } = house();
    await find('a');
    source.published.delete(URI);
    clock.advance(CLIENT_KEY_CACHE.fresh);
    expect(await find('a')).toEqual([a]);
    clock.advance(CLIENT_KEY_CACHE.stale - CLIENT_KEY_CACHE.fresh);
    expect(await find('a')).toBeUndefined();
  });

  it('are not asked for again and again by whoever makes up key ids', async () => {
    const { clock, source, find } = house();
    for (let count = 0; count < 100; count += 1) expect(await find(`made-up-${String(count)}`)).toEqual([]);
    expect(source.fetched).toHaveLength(1);
    clock.advance(CLIENT_KEY_CACHE.pause);
    await find('made-up');
    expect(source.fetched).toHaveLength(2);
  });

  it('do not make the server hammer a host that is down', async () => {
    const { source, find } = house();
    source.published.delete(URI);
    for (let count = 0; count < 100; count += 1) expect(await find('a')).toBeUndefined();
    expect(source.fetched).toHaveLength(1);
  });

  it('cannot fill the memory: of many sets the one not used for longest goes', async () => {
    const { source, find } = house();
    await find('a');
    for (let count = 0; count < CLIENT_KEY_CACHE.sets; count += 1)
      await find('x', `https://app.example/${String(count)}`);
    source.published.set('https://app.example/0', { keys: [a] });
    await find('a');
    expect(source.fetched.filter((uri) => uri === URI)).toHaveLength(2);
  });

  it.each([
    ['a private key', { keys: [{ ...a, d: 'AAAA' }] }],
    ['a shared key', { keys: [{ kty: 'oct', k: 'AAAA' }] }],
    ['nothing of use', { keys: [] }],
    ['a page', '<html>'],
  ])('are none when the host answers with %s', async (_what, answer) => {
    const { source, find } = house();
    source.published.set(URI, answer);
    expect(await find('a')).toBeUndefined();
  });

  it('need no fetch when they were registered', async () => {
    const { source, keys } = house();
    expect(await keys.find({ jwks: [a, b] }, named('b'))).toEqual([b]);
    expect(source.fetched).toEqual([]);
  });
});
