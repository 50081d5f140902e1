import { describe, expect, it } from '@jest/globals';
import { RequestOrigins } from './request-origin.guard.js';

describe('origins and names of a public server (RS-61)', () => {
  const origins = new RequestOrigins('https://tools.example.com', ['https://app.example.com']);

  it('accepts its own name and the pages on the list, exactly', () => {
    expect(origins.isOwnHost('tools.example.com')).toBe(true);
    // The same name, as some clients and proxies write it.
    expect(origins.isOwnHost('Tools.Example.COM')).toBe(true);
    expect(origins.isOwnHost('tools.example.com:443')).toBe(true);
    expect(origins.isAllowed('https://tools.example.com')).toBe(true);
    expect(origins.isAllowed('https://app.example.com')).toBe(true);
  });

  it('accepts nothing that only looks like it, and no loopback', () => {
    for (const host of [
      'tools.example.com:8443',
      'tools.example.com:80',
      'tools.example.com.',
      'tools.example.com/',
      'tools.example.com?x',
      'tools.example.com#x',
      'tools.example.com\\x',
      ':x@tools.example.com',
      'evil.example#tools.example.com',
      'evil.example:443@tools.example.com',
      'example.com',
      'localhost',
      '127.0.0.1:4100',
      '',
    ])
      expect([host, origins.isOwnHost(host)]).toEqual([host, false]);
    for (const origin of [
      'http://app.example.com',
      'https://app.example.com:8443',
      'https://app.example.com.evil.example',
      'https://app.example.com/',
      'http://localhost:6274',
      'null',
      '',
    ])
      expect([origin, origins.isAllowed(origin)]).toEqual([origin, false]);
  });
});

describe('origins and names of a server on this machine (RS-61)', () => {
  const origins = new RequestOrigins('http://127.0.0.1:4100');

  it('accepts every loopback name and page: no other site can send one', () => {
    for (const host of ['127.0.0.1:4100', 'localhost:4100', '[::1]:4100', 'localhost'])
      expect(origins.isOwnHost(host)).toBe(true);
    for (const origin of ['http://localhost:6274', 'http://127.0.0.1:4100', 'http://[::1]:3000'])
      expect(origins.isAllowed(origin)).toBe(true);
  });

  it('accepts no name that merely contains one', () => {
    for (const host of [
      'localhost.evil.example',
      '127.0.0.1.nip.io',
      'a@localhost',
      'localhost/x',
      '0.0.0.0',
      '10.0.0.1',
    ])
      expect([host, origins.isOwnHost(host)]).toEqual([host, false]);
    for (const origin of [
      'http://evil.example',
      'http://localhost.evil.example',
      'file://',
      'http://a@localhost',
      'http://localhost/',
    ])
      expect([origin, origins.isAllowed(origin)]).toEqual([origin, false]);
  });
});
