import { describe, expect, it } from '@jest/globals';
import { resourceDescriptor, resourceDescriptors } from './resource-descriptor.js';

const descriptor = {
  identifier: 'https://rs.example/mcp',
  name: 'Invoices',
  scopes: [
    { name: 'invoices:read', description: 'See invoices' },
    { name: 'invoices:write', description: 'Create invoices', implies: ['invoices:read'], sensitive: true },
  ],
  defaultScopes: ['invoices:read'],
};

describe('resourceDescriptor', () => {
  it('reads what a resource app says of itself, unchanged', () => {
    expect(resourceDescriptors.parse([descriptor])).toEqual([descriptor]);
  });

  it.each([
    ['an identifier that is no URL', { identifier: 'rs.example' }],
    ['an identifier with a fragment', { identifier: 'https://rs.example/#x' }],
    ['no scope', { scopes: [] }],
    ['a malformed scope', { scopes: [{ name: 'a b', description: 'x' }] }],
    ['the same scope twice', { scopes: [descriptor.scopes[0], descriptor.scopes[0]] }],
    ['a scope that implies an unknown one', { scopes: [{ name: 'invoices:read', description: 'x', implies: ['y'] }] }],
    ['an unknown default scope', { defaultScopes: ['invoices:delete'] }],
    ['no default scope', { defaultScopes: [] }],
    ['a member nobody knows', { trusted: true }],
    ['no name', { name: '' }],
  ])('refuses a descriptor with %s', (_what, change) => {
    expect(resourceDescriptor.safeParse({ ...descriptor, ...change }).success).toBe(false);
  });
});
