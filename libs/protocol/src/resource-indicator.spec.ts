import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { comparableResource, resourceIdentifier, sameResource } from './resource-indicator.js';

describe('comparing resources', () => {
  it('finds the same resource behind the four spellings of an origin', () => {
    const spellings = ['https://rs.example', 'https://rs.example/', 'HTTPS://RS.example', 'https://rs.example:443/'];
    for (const a of spellings) for (const b of spellings) expect(sameResource(a, b)).toBe(true);
  });

  it.each([
    ['https://rs.example/mcp', 'https://rs.example/mcp/'],
    ['https://rs.example/mcp', 'https://rs.example/MCP'],
    ['https://rs.example/mcp', 'http://rs.example/mcp'],
    ['https://rs.example/mcp', 'https://rs.example:8443/mcp'],
    ['https://rs.example/mcp', 'https://rs.example/a/../mcp'],
    ['https://rs.example/mcp', 'https://rs.example/%6dcp'],
    ['https://rs.example/mcp', 'https://rs.example/mcp?x=1'],
    ['https://rs.example/', 'https://rs.example.evil.example/'],
  ])('keeps %s and %s apart', (a, b) => {
    expect(sameResource(a, b)).toBe(false);
  });

  it.each([
    'rs.example/mcp',
    '/mcp',
    '',
    'urn:example:mcp',
    'ftp://rs.example/',
    'https://rs.example/mcp#fragment',
    'https://rs.example/#',
    'https://user@rs.example/mcp',
    'https://@rs.example/mcp',
    'https:///rs.example/mcp',
    'https://rs.example\\mcp',
    'https://rs.example/m cp',
    'https://rs.example/m\u0000cp',
    'https://rs.exämple/',
    'https://rs.example:99999/',
    `https://rs.example/${'a'.repeat(2000)}`,
  ])('takes %j for no resource at all', (text) => {
    expect(comparableResource(text)).toBeUndefined();
    expect(sameResource(text, text)).toBe(false);
    expect(() => resourceIdentifier(text)).toThrow(TypeError);
  });

  it('gives a configured identifier back byte for byte', () => {
    expect(resourceIdentifier('https://RS.example')).toBe('https://RS.example');
  });

  it('compares a comparable form with itself, whatever came in', () => {
    fc.assert(
      fc.property(fc.webUrl({ withQueryParameters: true }), (url) => {
        const once = comparableResource(url);
        fc.pre(once !== undefined);
        expect(comparableResource(once)).toBe(once);
        expect(sameResource(url, once)).toBe(true);
      }),
    );
  });

  it('never throws on hostile text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        comparableResource(`https://${text}`);
        comparableResource(text);
      }),
    );
  });
});
