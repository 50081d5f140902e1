import type { Invoice } from './invoice.js';

type Row = readonly [string, string, string, number, Invoice['currency'], boolean, string];

const ROWS: readonly Row[] = [
  ['INV-1001', 'Harbour Café', 'Espresso machine, yearly service', 48_000, 'EUR', true, '2026-06-02'],
  ['INV-1002', 'Harbour Café', 'Grinder burrs, set of four', 11_960, 'EUR', true, '2026-06-30'],
  ['INV-1003', 'Northern Rail Catering', 'Vending machines, June', 312_450, 'GBP', true, '2026-07-01'],
  ['INV-1004', 'Northern Rail Catering', 'Vending machines, July', 298_700, 'GBP', false, '2026-08-01'],
  ['INV-1005', 'Studio Lindqvist', 'Coffee subscription, 12 kg', 25_200, 'EUR', true, '2026-07-15'],
  ['INV-1006', 'Oak & Iron', 'Training day for baristas', 90_000, 'USD', false, '2026-07-28'],
];

export const SEED_INVOICES: readonly Invoice[] = ROWS.map(
  ([id, customer, description, amount, currency, paid, issuedOn]) => ({
    id,
    customer,
    description,
    amount,
    refunded: 0,
    currency,
    paid,
    issuedOn,
  }),
);
