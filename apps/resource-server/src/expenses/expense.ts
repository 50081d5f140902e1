import { z } from 'zod';
import { amount, currency } from '../money.js';

export const expenseStatus = z.enum(['submitted', 'approved']);

/** As tools show it. Of people it says only whether they are the one who asks: subjects are for the server. */
export const expenseView = z.object({
  id: z.string(),
  description: z.string(),
  amount,
  currency,
  status: expenseStatus,
  submittedByYou: z.boolean(),
  submittedOn: z.iso.date(),
});

export interface Expense {
  readonly id: string;
  /** Subject of whoever submitted it, or the name of a department for the seeded ones. */
  readonly submittedBy: string;
  readonly approvedBy: string | undefined;
  readonly description: string;
  readonly amount: number;
  readonly currency: z.output<typeof currency>;
  readonly submittedOn: string;
}

export function viewFor(subject: string, expense: Expense): z.output<typeof expenseView> {
  const { id, description, amount: total, currency: unit, submittedOn } = expense;
  return {
    id,
    description,
    amount: total,
    currency: unit,
    status: expense.approvedBy === undefined ? 'submitted' : 'approved',
    submittedByYou: expense.submittedBy === subject,
    submittedOn,
  };
}
