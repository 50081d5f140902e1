import { tool, type Tool } from '@gatehouse/resource-kit';
import { z } from 'zod';
import { expenseView, viewFor } from './expense.js';
import type { ExpenseLedger } from './expense-ledger.js';
import { expensesApprove, expensesRead } from './scopes.js';

export const listExpenses = (ledger: ExpenseLedger): Tool =>
  tool({
    name: 'list_expenses',
    title: 'List expenses',
    description: 'Lists your expenses, at most 100; everybody’s if you may approve them.',
    scopes: [expensesRead],
    input: z.object({}),
    output: z.object({ expenses: z.array(expenseView) }),
    annotations: { readOnlyHint: true, openWorldHint: false },
    run: (_input, { subject, scopes }) => {
      const visible = scopes.includes(expensesApprove.name) ? ledger.all() : ledger.ownOf(subject);
      return { expenses: visible.slice(-100).map((expense) => viewFor(subject, expense)) };
    },
  });
