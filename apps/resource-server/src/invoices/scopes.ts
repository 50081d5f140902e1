import type { ScopeDefinition } from '@gatehouse/resource-kit';

export const invoicesRead: ScopeDefinition = {
  name: 'invoices:read',
  description: 'See invoices, their customers and amounts',
};
export const invoicesWrite: ScopeDefinition = {
  name: 'invoices:write',
  description: 'Write new invoices to customers, and see invoices',
  implies: ['invoices:read'],
};
export const invoicesRefund: ScopeDefinition = {
  name: 'invoices:refund',
  description: 'Pay money of paid invoices back to customers',
  sensitive: true,
};
