import { tool, type Tool } from '@gatehouse/resource-kit';
import { z } from 'zod';
import { expenseView, viewFor } from './expense.js';
import type { ExpenseLedger } from './expense-ledger.js';
import { expensesApprove, expensesRead } from './scopes.js';

export const approveExpense = (ledger: ExpenseLedger): Tool =>
  tool({
    name: 'approve_expense',
    title: 'Approve an expense',
    description: 'Approves an expense that somebody else has submitted.',
    scopes: [expensesRead, expensesApprove],
    input: z.object({ id: z.string().regex(/^EXP-[0-9a-f]{6,12}$/) }),
    output: expenseView,
    annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
    run: ({ id }, { subject }) => viewFor(subject, ledger.approve(subject, id)),
  });
