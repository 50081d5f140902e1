import { randomBytes } from 'node:crypto';
import { ToolRefusal } from '@gatehouse/resource-kit';
import type { Currency } from '../money.js';
import type { Expense } from './expense.js';

export interface NewExpense {
  readonly description: string;
  readonly amount: number;
  readonly currency: Currency;
}

/**
 * Expenses of the staff, in memory. A person sees their own; an approver sees all, and may approve any but their own: two
 * pairs of eyes, whatever the scopes say.
 */
export class ExpenseLedger {
  readonly #expenses: Map<string, Expense>;

  constructor(
    seed: readonly Expense[],
    private readonly today: () => string = () => new Date().toISOString().slice(0, 10),
  ) {
    this.#expenses = new Map(seed.map((expense) => [expense.id, expense]));
  }

  ownOf(subject: string): readonly Expense[] {
    return this.all().filter(({ submittedBy }) => submittedBy === subject);
  }

  all(): readonly Expense[] {
    return [...this.#expenses.values()];
  }

  /** @throws ToolRefusal */
  submit(subject: string, { description, amount, currency }: NewExpense): Expense {
    if (this.#expenses.size >= MOST_EXPENSES) throw new ToolRefusal('The ledger is full.');
    const id = `EXP-${randomBytes(6).toString('hex')}`;
    const expense = {
      id,
      submittedBy: subject,
      approvedBy: undefined,
      description,
      amount,
      currency,
      submittedOn: this.today(),
    };
    this.#expenses.set(id, expense);
    return expense;
  }

  /** Again by the same person: as it is. @throws ToolRefusal */
  approve(subject: string, id: string): Expense {
    const expense = this.#expenses.get(id);
    if (!expense) throw new ToolRefusal('There is no such expense.');
    if (expense.submittedBy === subject) throw new ToolRefusal('Nobody approves their own expense.');
    if (expense.approvedBy === subject) return expense;
    if (expense.approvedBy !== undefined) throw new ToolRefusal('This expense has been approved already.');
    const approved = { ...expense, approvedBy: subject };
    this.#expenses.set(id, approved);
    return approved;
  }
}

/** A demonstration in memory must not be filled until the process dies. */
const MOST_EXPENSES = 10_000;
