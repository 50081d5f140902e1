import { tool, type Tool } from '@gatehouse/resource-kit';
import { z } from 'zod';
import { amount } from '../money.js';
import { invoiceId, invoiceView, viewOf } from './invoice.js';
import type { InvoiceBook } from './invoice-book.js';
import { invoicesRead, invoicesRefund } from './scopes.js';

/**
 * Needs two scopes: money moves, and the answer shows the invoice. And a person who has signed in lately: a client may stay
 * connected for months, and whoever gets hold of it then must not pay out money.
 */
export const refundInvoice = (book: InvoiceBook): Tool =>
  tool({
    name: 'refund_invoice',
    title: 'Refund an invoice',
    description:
      'Pays back all or a part of a paid invoice. Repeat with the same idempotencyKey if the answer was lost: it is paid once.',
    scopes: [invoicesRead, invoicesRefund],
    authentication: { maxAge: 15 * 60 },
    input: z.object({
      id: invoiceId,
      amount,
      idempotencyKey: z
        .string()
        .regex(/^[A-Za-z0-9_-]{8,64}$/)
        .describe('8 to 64 letters, digits, _ or -; a new one for every refund'),
    }),
    output: invoiceView,
    annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
    run: ({ id, amount: paidBack, idempotencyKey }, { subject }) =>
      viewOf(book.refund(subject, { invoice: id, amount: paidBack, idempotencyKey })),
  });
