/**
 * Counts clients that are about to be stored for a network, before they are. Not those that are known already: hosted
 * clients register the same again at each connection, from one address for all their people, and must get in however busy
 * somebody else behind that address is.
 */
export abstract class RegistrationAttempts {
  /** Undefined: go on. A date: too many, no new one until then. */
  abstract count(network: string, now: Date): Promise<Date | undefined>;
}
