import { z } from 'zod';
import { amount, currency } from '../money.js';
import { line } from '../text.js';

export const invoiceId = z
  .string()
  .regex(/^INV-\d{4,8}$/)
  .describe('Number of the invoice, e.g. INV-1001');
export const customerName = line(80).describe('Name of the customer, e.g. Harbour Café');

export const invoiceStatus = z.enum(['open', 'paid', 'partly-refunded', 'refunded']);

/** As tools show it. */
export const invoiceView = z.object({
  id: z.string(),
  customer: z.string(),
  description: z.string(),
  amount,
  refunded: z.int().nonnegative(),
  currency,
  status: invoiceStatus,
  issuedOn: z.iso.date(),
});

export interface Invoice {
  readonly id: string;
  readonly customer: string;
  readonly description: string;
  readonly amount: number;
  readonly refunded: number;
  readonly currency: z.output<typeof currency>;
  readonly paid: boolean;
  readonly issuedOn: string;
}

export function viewOf(invoice: Invoice): z.output<typeof invoiceView> {
  const { paid, ...rest } = invoice;
  const { amount: total, refunded } = rest;
  const status = refunded === total ? 'refunded' : refunded > 0 ? 'partly-refunded' : paid ? 'paid' : 'open';
  return { ...rest, status };
}
