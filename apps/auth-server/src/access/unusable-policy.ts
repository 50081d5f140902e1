/** What the operator gave us and can mend: said without a stack. */
export class UnusablePolicy extends Error {
  override readonly name = 'UnusablePolicy';
}
