/**
 * Fetches the key set that a client publishes. The address is the client's own word: an implementation must reach public
 * https addresses only, follow nothing, and bound time and size.
 */
export abstract class ClientKeySource {
  /** The parsed JSON at `jwksUri`, of whatever shape; undefined when it could not be had. Never throws for the host's faults. */
  abstract load(jwksUri: string): Promise<unknown>;
}
