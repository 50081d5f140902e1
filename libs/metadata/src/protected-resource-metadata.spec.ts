import { resourceIdentifier } from '@gatehouse/protocol';
import { describe, expect, it } from '@jest/globals';
import { protectedResourceMetadata } from './protected-resource-metadata.js';

const resource = {
  identifier: resourceIdentifier('https://rs.example/mcp'),
  issuer: 'https://as.example',
  name: 'Invoices',
  scopes: ['invoices:read'],
};

describe('protectedResourceMetadata', () => {
  it('names the resource and its issuer byte for byte', () => {
    expect(protectedResourceMetadata(resource)).toEqual({
      resource: 'https://rs.example/mcp',
      authorization_servers: ['https://as.example'],
      scopes_supported: ['invoices:read'],
      bearer_methods_supported: ['header'],
      resource_name: 'Invoices',
    });
  });

  it('says how tokens may be bound to a key, and whether they must', () => {
    const algorithms = ['ES256'];
    const optional = protectedResourceMetadata({ ...resource, dpop: { algorithms, required: false } });
    expect(optional).toMatchObject({ dpop_signing_alg_values_supported: ['ES256'] });
    expect(optional).not.toHaveProperty('dpop_bound_access_tokens_required');
    expect(protectedResourceMetadata({ ...resource, dpop: { algorithms, required: true } })).toHaveProperty(
      'dpop_bound_access_tokens_required',
      true,
    );
  });

  it('leaves out what would be empty', () => {
    expect(protectedResourceMetadata({ ...resource, scopes: [] })).not.toHaveProperty('scopes_supported');
    expect(protectedResourceMetadata({ ...resource, documentation: 'https://rs.example/docs' })).toHaveProperty(
      'resource_documentation',
      'https://rs.example/docs',
    );
  });
});
