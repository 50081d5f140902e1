import type { Expense } from './expense.js';

export const SEED_EXPENSES: readonly Expense[] = [
  {
    id: 'EXP-100001',
    submittedBy: 'department:logistics',
    approvedBy: undefined,
    description: 'Train to Hamburg and back',
    amount: 11_840,
    currency: 'EUR',
    submittedOn: '2026-07-20',
  },
  {
    id: 'EXP-100002',
    submittedBy: 'department:service',
    approvedBy: undefined,
    description: 'Descaling solution, 20 l',
    amount: 7_690,
    currency: 'EUR',
    submittedOn: '2026-07-24',
  },
];
