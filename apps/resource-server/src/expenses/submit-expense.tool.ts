import { tool, type Tool } from '@gatehouse/resource-kit';
import { z } from 'zod';
import { amount, currency } from '../money.js';
import { line } from '../text.js';
import { expenseView, viewFor } from './expense.js';
import type { ExpenseLedger } from './expense-ledger.js';
import { expensesSubmit } from './scopes.js';

export const submitExpense = (ledger: ExpenseLedger): Tool =>
  tool({
    name: 'submit_expense',
    title: 'Submit an expense',
    description: 'Submits an expense in the name of the person who is signed in.',
    scopes: [expensesSubmit],
    input: z.object({ description: line(200), amount, currency: currency.default('EUR') }),
    output: expenseView,
    annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false },
    run: (expense, { subject }) => viewFor(subject, ledger.submit(subject, expense)),
  });
