import { Parameters, resourceIdentifier } from '@gatehouse/protocol';
import { describe, expect, it } from '@jest/globals';
import { aClient, aResource } from '../../testing/store-seeds.js';
import { grantableScopes } from './grantable-scopes.js';

const invoices = aResource({ identifier: resourceIdentifier('https://rs.example/invoices') });
const expenses = aResource({
  identifier: resourceIdentifier('https://rs.example/expenses'),
  scopes: [{ name: 'expenses:read', description: 'See expenses' }],
  defaultScopes: ['expenses:read'],
});
const closed = { ...expenses, disabledAt: new Date(0) };
const own = invoices.scopes.map(({ name }) => name);

const grantable = (scope: string, named: boolean, others = [expenses]) =>
  grantableScopes(
    new Parameters([['scope', scope], ...(named ? [['resource', invoices.identifier] as const] : [])]),
    invoices,
    [invoices, ...others],
    aClient(),
  );
const refused = expect.objectContaining({ code: 'invalid_scope', reason: 'unknown_scope' }) as unknown;

describe('the scopes to ask for', () => {
  it('AS-41: leave out what belongs to another resource when the client named this one', () => {
    expect(grantable([...own, 'expenses:read'].join(' '), true)).toEqual(own);
  });

  it('AS-60: may not span resources when the client named none', () => {
    expect(() => grantable([...own, 'expenses:read'].join(' '), false)).toThrow(refused);
    expect(grantable(own.join(' '), false)).toEqual(own);
  });

  it('are refused when none of them, or one that nobody knows, is among them', () => {
    expect(() => grantable('expenses:read', true)).toThrow(refused);
    expect(() => grantable([...own, 'invoices:delete'].join(' '), true)).toThrow(refused);
  });

  it('do not tell the scopes of a disabled resource from unknown ones', () => {
    expect(() => grantable([...own, 'expenses:read'].join(' '), true, [closed])).toThrow(refused);
  });
});
