import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { defineResource, describeResources, type ResourceDeclaration } from './resource.js';
import { tool } from './tool.js';

const read = { name: 'x:read', description: 'Read' };
const write = { name: 'x:write', description: 'Write' };
const plain = (name: string, scopes = [read]) =>
  tool({ name, title: 'T', description: 'D', scopes, input: z.object({}), run: () => 'done' });
const declare = (more: Partial<ResourceDeclaration> = {}) =>
  defineResource({
    path: '/x/mcp',
    name: 'X',
    scopes: [read, write],
    defaultScopes: [read],
    tools: [plain('a')],
    ...more,
  });

describe('the declaration of a resource', () => {
  it('is described to the authorization server from the same words', () => {
    expect(describeResources('https://h.example', [declare()])).toEqual([
      { identifier: 'https://h.example/x/mcp', name: 'X', scopes: [read, write], defaultScopes: ['x:read'] },
    ]);
  });

  it('adds up what the tools of one request need', () => {
    const resource = declare({ tools: [plain('a'), plain('b', [read, write])] });
    expect(resource.scopesFor([...resource.tools.values()])).toEqual(['x:read', 'x:write']);
  });

  it.each([
    ['RS-05: a path that is none', { path: '/' as const }],
    ['a path with a slash at the end', { path: '/x/' as const }],
    ['a path that climbs', { path: '/x/../y' as const }],
    ['a path with a query', { path: '/x?y' as const }],
    ['two tools of one name', { tools: [plain('a'), plain('a')] }],
    ['a tool with a scope from nowhere', { tools: [plain('a', [{ name: 'y:read', description: 'Y' }])] }],
    ['a default scope from nowhere', { defaultScopes: [{ name: 'y:read', description: 'Y' }] }],
    ['two scopes of one name', { scopes: [read, read] }],
  ])('is refused for %s', (_, more) => {
    expect(() => declare(more)).toThrow(TypeError);
  });

  it('is refused for a tool whose sign-in demand nobody could meet', () => {
    const parts = { name: 'a', title: 'T', description: 'D', scopes: [read], input: z.object({}), run: () => 'done' };
    expect(() => tool({ ...parts, authentication: { maxAge: 0 } })).toThrow(TypeError);
    expect(tool({ ...parts, authentication: { maxAge: 900 } }).authentication).toEqual({ maxAge: 900 });
  });

  it('is refused for a tool that everybody could call, or whose name no log could bear', () => {
    expect(() => plain('a', [])).toThrow(TypeError);
    for (const name of ['', 'A', 'a b', 'a-b', '__proto__', 'x'.repeat(65)])
      expect(() => plain(name)).toThrow(TypeError);
  });
});
