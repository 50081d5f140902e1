import { tool, type Tool } from '@gatehouse/resource-kit';
import { z } from 'zod';
import { amount, currency } from '../money.js';
import { line } from '../text.js';
import { customerName, invoiceView, viewOf } from './invoice.js';
import type { InvoiceBook } from './invoice-book.js';
import { invoicesWrite } from './scopes.js';

export const createInvoice = (book: InvoiceBook): Tool =>
  tool({
    name: 'create_invoice',
    title: 'Write an invoice',
    description: 'Writes a new, open invoice to a customer.',
    scopes: [invoicesWrite],
    input: z.object({ customer: customerName, description: line(200), amount, currency: currency.default('EUR') }),
    output: invoiceView,
    annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false },
    run: (invoice) => viewOf(book.create(invoice)),
  });
