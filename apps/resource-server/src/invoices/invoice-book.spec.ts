import { beforeEach, describe, expect, it } from '@jest/globals';
import { ToolRefusal } from '@gatehouse/resource-kit';
import { viewOf } from './invoice.js';
import { InvoiceBook } from './invoice-book.js';
import { SEED_INVOICES } from './seed.js';

let book: InvoiceBook;
beforeEach(() => {
  book = new InvoiceBook(SEED_INVOICES, () => '2026-08-01');
});

const refund = (amount: number, idempotencyKey: string, by = 'anna'): unknown =>
  book.refund(by, { invoice: 'INV-1001', amount, idempotencyKey });

describe('the invoice book', () => {
  it('begins with believable invoices, which show as their schema says', () => {
    expect(book.list({})).toHaveLength(6);
    expect(book.list({ customer: 'Harbour Café' }).map(({ id }) => id)).toEqual(['INV-1001', 'INV-1002']);
    expect(book.list({}).map((invoice) => viewOf(invoice).status)).toContain('open');
  });

  it('gives new invoices new numbers', () => {
    const make = () => book.create({ customer: 'Demo Ltd', description: 'x', amount: 1, currency: 'EUR' });
    expect([make().id, make().id]).toEqual(['INV-1007', 'INV-1008']);
    expect(viewOf(book.read('INV-1007'))).toMatchObject({ status: 'open', refunded: 0, issuedOn: '2026-08-01' });
  });

  it('never refunds more than was paid, however it is split', () => {
    refund(30_000, 'key-00001');
    expect(() => refund(18_001, 'key-00002')).toThrow(ToolRefusal);
    expect(viewOf(book.read('INV-1001')).status).toBe('partly-refunded');
    refund(18_000, 'key-00003');
    expect(viewOf(book.read('INV-1001'))).toMatchObject({ status: 'refunded', refunded: 48_000 });
    expect(() => refund(1, 'key-00004')).toThrow(ToolRefusal);
  });

  it('pays once when a refund is repeated, and refuses a key that meant something else', () => {
    refund(100, 'key-00001');
    refund(100, 'key-00001');
    expect(book.read('INV-1001').refunded).toBe(100);
    expect(() => refund(200, 'key-00001')).toThrow(ToolRefusal);
  });

  it('RS-73: keeps the keys of people apart, so that none can be used up or read by another', () => {
    refund(100, 'key-00001', 'anna');
    refund(200, 'key-00001', 'ben');
    expect(book.read('INV-1001').refunded).toBe(300);
  });

  it('refunds nothing that was not paid, and knows no invoice that does not exist', () => {
    expect(() => book.refund('anna', { invoice: 'INV-1004', amount: 1, idempotencyKey: 'key-00001' })).toThrow(
      ToolRefusal,
    );
    expect(() => book.read('INV-9999')).toThrow(ToolRefusal);
  });
});
