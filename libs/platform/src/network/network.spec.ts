import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isLoopbackHost, isNetwork, networkKey } from './network.js';

describe('networkKey', () => {
  it('is the address of IPv4, mapped or not', () => {
    for (const address of ['192.0.2.7', '::ffff:192.0.2.7', '::FFFF:c000:207', '0:0:0:0:0:ffff:192.0.2.7'])
      expect(networkKey(address)).toBe('192.0.2.7');
  });

  it('is the same for all addresses of a /64, however they are written', () => {
    for (const address of [
      '2001:db8:0:1::1',
      '2001:DB8:0:1:ffff:ffff:ffff:ffff',
      '2001:0db8:0000:0001::',
      '2001:db8:0:1::192.0.2.1',
    ])
      expect(networkKey(address)).toBe('2001:db8:0:1::/64');
  });

  it('differs between neighbouring networks', () => {
    expect(networkKey('2001:db8:0:2::1')).not.toBe(networkKey('2001:db8:0:1::1'));
    expect(networkKey('192.0.2.8')).not.toBe(networkKey('192.0.2.7'));
    expect(networkKey('::ffff:0:192.0.2.7')).not.toBe('192.0.2.7');
  });

  it('does not mind a zone', () => {
    expect(networkKey('fe80::1%eth0')).toBe('fe80:0:0:0::/64');
  });

  it('is the same with the port that some proxies write behind the address', () => {
    expect(networkKey('192.0.2.7:51234')).toBe('192.0.2.7');
    for (const address of ['[2001:db8:0:1::1]:51234', '[2001:db8:0:1::1]'])
      expect(networkKey(address)).toBe('2001:db8:0:1::/64');
    expect(networkKey('[::ffff:192.0.2.7]:1')).toBe('192.0.2.7');
  });

  it('puts everything unreadable into one network, so that nonsense buys no attempts', () => {
    for (const text of [
      '',
      'unix',
      '999.1.1.1',
      '1.2.3.4, 5.6.7.8',
      ':::',
      '01.2.3.4',
      '1.2.3.4:',
      '[192.0.2.7',
      '[]:1',
    ])
      expect(networkKey(text)).toBe('unknown');
  });

  it('never depends on the lower half of an IPv6 address', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(0xffff), { minLength: 12, maxLength: 12 }), (groups) => {
        const hex = groups.map((group) => group.toString(16));
        // 1: keeps clear of the mapped range.
        const upper = ['1', ...hex.slice(1, 4)].join(':');
        const [a, b] = [hex.slice(4, 8), hex.slice(8, 12)].map((lower) => networkKey(`${upper}:${lower.join(':')}`));
        expect(a).toBe(b);
      }),
    );
  });
});

describe('isLoopbackHost', () => {
  it('knows the ways to name this machine', () => {
    for (const host of [
      'localhost',
      'LOCALHOST',
      '127.0.0.1',
      '127.9.9.9',
      '::1',
      '[::1]',
      '0:0:0:0:0:0:0:1',
      '::ffff:127.0.0.1',
    ])
      expect(isLoopbackHost(host)).toBe(true);
  });

  it('takes nothing else for it', () => {
    for (const host of [
      '0.0.0.0',
      '::',
      '127.0.0.1.example.com',
      'localhost.example.com',
      '127.1',
      '128.0.0.1',
      '::2',
      '',
      'localhost.',
    ])
      expect(isLoopbackHost(host)).toBe(false);
  });
});

describe('isNetwork', () => {
  it('refuses ranges that cover every address', () => {
    expect(['0.0.0.0/0', '::/0', '10.0.0.0/00'].filter(isNetwork)).toEqual([]);
  });
});
