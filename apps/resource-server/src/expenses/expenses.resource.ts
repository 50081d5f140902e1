import { defineResource, type Resource } from '@gatehouse/resource-kit';
import { approveExpense } from './approve-expense.tool.js';
import { ExpenseLedger } from './expense-ledger.js';
import { listExpenses } from './list-expenses.tool.js';
import { expensesApprove, expensesRead, expensesSubmit } from './scopes.js';
import { SEED_EXPENSES } from './seed.js';
import { submitExpense } from './submit-expense.tool.js';

export function expenses(ledger = new ExpenseLedger(SEED_EXPENSES)): Resource {
  return defineResource({
    path: '/expenses/mcp',
    name: 'Expenses',
    instructions: 'Expenses of the staff of a coffee supplier. Amounts are in minor units of their currency.',
    scopes: [expensesRead, expensesSubmit, expensesApprove],
    defaultScopes: [expensesRead],
    tools: [listExpenses(ledger), submitExpense(ledger), approveExpense(ledger)],
  });
}
