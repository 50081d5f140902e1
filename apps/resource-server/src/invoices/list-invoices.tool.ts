import { tool, type Tool } from '@gatehouse/resource-kit';
import { z } from 'zod';
import { customerName, invoiceView, viewOf } from './invoice.js';
import type { InvoiceBook } from './invoice-book.js';
import { invoicesRead } from './scopes.js';

export const listInvoices = (book: InvoiceBook): Tool =>
  tool({
    name: 'list_invoices',
    title: 'List invoices',
    description: 'Lists invoices, newest last, at most 100; of one customer if one is named.',
    scopes: [invoicesRead],
    input: z.object({ customer: customerName.optional() }),
    output: z.object({ invoices: z.array(invoiceView) }),
    annotations: { readOnlyHint: true, openWorldHint: false },
    run: ({ customer }) => ({ invoices: book.list({ customer }).slice(-100).map(viewOf) }),
  });
