import { beforeEach, describe, expect, it } from '@jest/globals';
import { ToolRefusal } from '@gatehouse/resource-kit';
import { viewFor } from './expense.js';
import { ExpenseLedger } from './expense-ledger.js';
import { SEED_EXPENSES } from './seed.js';

let ledger: ExpenseLedger;
beforeEach(() => {
  ledger = new ExpenseLedger(SEED_EXPENSES, () => '2026-08-01');
});

const lunch = { description: 'Lunch with a customer', amount: 4_200, currency: 'EUR' } as const;

describe('the expense ledger', () => {
  it('RS-47: shows people their own expenses', () => {
    const { id } = ledger.submit('ben', lunch);
    expect(ledger.ownOf('ben').map((expense) => expense.id)).toEqual([id]);
    expect(ledger.ownOf('anna')).toEqual([]);
  });

  it('RS-47: lets nobody approve their own, whatever their scopes', () => {
    const { id } = ledger.submit('anna', lunch);
    expect(() => ledger.approve('anna', id)).toThrow(ToolRefusal);
    expect(viewFor('anna', ledger.approve('cleo', id))).toMatchObject({ status: 'approved', submittedByYou: true });
  });

  it('approves once, and takes a repetition by the same person for a lost answer', () => {
    const { id } = ledger.submit('ben', lunch);
    expect(ledger.approve('anna', id)).toEqual(ledger.approve('anna', id));
    expect(() => ledger.approve('cleo', id)).toThrow(ToolRefusal);
    expect(() => ledger.approve('anna', 'EXP-000000')).toThrow(ToolRefusal);
  });

  it('says nothing of people but whether it is you', () => {
    expect(JSON.stringify(viewFor('anna', ledger.submit('ben', lunch)))).not.toContain('ben');
  });
});
