import { tool, type Tool } from '@gatehouse/resource-kit';
import { z } from 'zod';
import { invoiceId, invoiceView, viewOf } from './invoice.js';
import type { InvoiceBook } from './invoice-book.js';
import { invoicesRead } from './scopes.js';

export const readInvoice = (book: InvoiceBook): Tool =>
  tool({
    name: 'read_invoice',
    title: 'Read an invoice',
    description: 'Returns one invoice by its number.',
    scopes: [invoicesRead],
    input: z.object({ id: invoiceId }),
    output: invoiceView,
    annotations: { readOnlyHint: true, openWorldHint: false },
    run: ({ id }) => viewOf(book.read(id)),
  });
