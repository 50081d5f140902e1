import type { ScopeDefinition } from '@gatehouse/resource-kit';

export const expensesRead: ScopeDefinition = { name: 'expenses:read', description: 'See expenses and their amounts' };
export const expensesSubmit: ScopeDefinition = { name: 'expenses:submit', description: 'Submit expenses in your name' };
export const expensesApprove: ScopeDefinition = {
  name: 'expenses:approve',
  description: 'Approve expenses of others, so that they are paid',
  sensitive: true,
};
