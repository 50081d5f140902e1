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

  it('leaves out what would be empty', () => {
    expect(protectedResourceMetadata({ ...resource, scopes: [] })).not.toHaveProperty('scopes_supported');
    expect(protectedResourceMetadata({ ...resource, documentation: 'https://rs.example/docs' })).toHaveProperty(
      'resource_documentation',
      'https://rs.example/docs',
    );
  });
});
