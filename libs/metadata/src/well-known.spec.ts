import { describe, expect, it } from '@jest/globals';
import { authorizationServerMetadataUrls, originOf, pathOf, protectedResourceMetadataUrl } from './well-known.js';

describe('well-known URLs', () => {
  it('has two for an issuer without a path', () => {
    for (const issuer of ['https://as.example', 'https://as.example/'])
      expect(authorizationServerMetadataUrls(issuer)).toEqual([
        'https://as.example/.well-known/oauth-authorization-server',
        'https://as.example/.well-known/openid-configuration',
      ]);
  });

  it('has three for an issuer with a path, in the order in which clients probe them', () => {
    for (const issuer of ['https://as.example/t1', 'https://as.example/t1/'])
      expect(authorizationServerMetadataUrls(issuer)).toEqual([
        'https://as.example/.well-known/oauth-authorization-server/t1',
        'https://as.example/.well-known/openid-configuration/t1',
        'https://as.example/t1/.well-known/openid-configuration',
      ]);
  });

  it('puts the path and query of a resource behind the well-known part', () => {
    const url = protectedResourceMetadataUrl;
    expect(url('https://rs.example')).toBe('https://rs.example/.well-known/oauth-protected-resource');
    expect(url('https://rs.example/')).toBe('https://rs.example/.well-known/oauth-protected-resource');
    expect(url('http://127.0.0.1:4100/invoices/mcp')).toBe(
      'http://127.0.0.1:4100/.well-known/oauth-protected-resource/invoices/mcp',
    );
    expect(url('https://rs.example/mcp?k=1')).toBe('https://rs.example/.well-known/oauth-protected-resource/mcp?k=1');
  });

  it('tells path and origin apart without changing their spelling', () => {
    expect(pathOf('https://AS.example:443/T1/')).toBe('/T1');
    expect(pathOf('https://as.example')).toBe('');
    expect(originOf('https://AS.example:443/T1/')).toBe('https://AS.example:443');
  });

  it.each(['as.example', '/t1', 'ftp://as.example', 'https://', 'https://as.example/#x'])('refuses %s', (url) => {
    expect(() => pathOf(url)).toThrow(TypeError);
  });
});
