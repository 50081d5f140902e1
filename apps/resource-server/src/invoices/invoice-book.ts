import { ToolRefusal } from '@gatehouse/resource-kit';
import type { Currency } from '../money.js';
import type { Invoice } from './invoice.js';

export interface NewInvoice {
  readonly customer: string;
  readonly description: string;
  readonly amount: number;
  readonly currency: Currency;
}

interface Refund {
  readonly invoice: string;
  readonly amount: number;
}

/**
 * The invoices of a small company, in memory: they begin anew with the process. They are the company's, so whoever may read
 * invoices may read all of them; what somebody *did* is remembered per person.
 */
export class InvoiceBook {
  readonly #invoices: Map<string, Invoice>;
  /** Refunds by person and idempotency key: a retry must not pay twice, and nobody's key is anybody else's. */
  readonly #refunds = new Map<string, Refund>();
  #next = 1007;

  constructor(
    seed: readonly Invoice[],
    private readonly today: () => string = () => new Date().toISOString().slice(0, 10),
  ) {
    this.#invoices = new Map(seed.map((invoice) => [invoice.id, invoice]));
  }

  list(filter: { readonly customer?: string | undefined }): readonly Invoice[] {
    return [...this.#invoices.values()].filter(
      ({ customer }) => filter.customer === undefined || customer === filter.customer,
    );
  }

  /** @throws ToolRefusal */
  read(id: string): Invoice {
    const invoice = this.#invoices.get(id);
    if (!invoice) throw new ToolRefusal('There is no such invoice.');
    return invoice;
  }

  /** @throws ToolRefusal when there is no room */
  create({ customer, description, amount, currency }: NewInvoice): Invoice {
    if (this.#invoices.size >= MOST_INVOICES) throw new ToolRefusal('The book is full.');
    const id = `INV-${this.#next++}`;
    const invoice = {
      id,
      customer,
      description,
      amount,
      refunded: 0,
      currency,
      paid: false,
      issuedOn: this.today(),
    };
    this.#invoices.set(id, invoice);
    return invoice;
  }

  /**
   * Once per person and key. All refunds of an invoice together never exceed it.
   * @throws ToolRefusal
   */
  refund(by: string, refund: Refund & { readonly idempotencyKey: string }): Invoice {
    const invoice = this.read(refund.invoice);
    const key = JSON.stringify([by, refund.idempotencyKey]);
    const done = this.#refunds.get(key);
    if (done) {
      if (done.invoice !== refund.invoice || done.amount !== refund.amount)
        throw new ToolRefusal('This idempotency key was used for another refund.');
      return invoice;
    }
    if (!invoice.paid) throw new ToolRefusal('This invoice has not been paid.');
    if (refund.amount > invoice.amount - invoice.refunded)
      throw new ToolRefusal('The refund is higher than what is left of the invoice.');
    const refunded = { ...invoice, refunded: invoice.refunded + refund.amount };
    this.#invoices.set(invoice.id, refunded);
    this.#refunds.set(key, { invoice: refund.invoice, amount: refund.amount });
    return refunded;
  }
}

/** A demonstration in memory must not be filled until the process dies. */
const MOST_INVOICES = 10_000;
