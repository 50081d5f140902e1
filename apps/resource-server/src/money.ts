import { z } from 'zod';

/** Money in minor units: 12.50 EUR is 1250. Fractions of a cent do not exist, so sums are exact. */
export const amount = z.int().positive().max(100_000_000).describe('Amount in minor units, e.g. 1250 for 12.50');
export const currency = z.enum(['EUR', 'GBP', 'USD']);
export type Currency = z.output<typeof currency>;
