import { defineResource, type Resource } from '@gatehouse/resource-kit';
import { createInvoice } from './create-invoice.tool.js';
import { InvoiceBook } from './invoice-book.js';
import { listInvoices } from './list-invoices.tool.js';
import { readInvoice } from './read-invoice.tool.js';
import { refundInvoice } from './refund-invoice.tool.js';
import { invoicesRead, invoicesRefund, invoicesWrite } from './scopes.js';
import { SEED_INVOICES } from './seed.js';

export function invoices(book = new InvoiceBook(SEED_INVOICES)): Resource {
  return defineResource({
    path: '/invoices/mcp',
    name: 'Invoices',
    instructions: 'Invoices of a coffee supplier. Amounts are in minor units of their currency.',
    scopes: [invoicesRead, invoicesWrite, invoicesRefund],
    defaultScopes: [invoicesRead],
    tools: [listInvoices(book), readInvoice(book), createInvoice(book), refundInvoice(book)],
  });
}
