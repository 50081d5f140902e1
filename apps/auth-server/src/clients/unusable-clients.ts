/** What the operator gave us and can mend: said without a stack. */
export class UnusableClients extends Error {
  override readonly name = 'UnusableClients';
}
