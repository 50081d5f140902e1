/** The operator's input cannot be used; the message says why, and repeats no secret. */
export class UnusableProviders extends Error {
  override readonly name = 'UnusableProviders';
}
