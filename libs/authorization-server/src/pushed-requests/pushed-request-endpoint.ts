import { after, type Clock, OAuthError, type Parameters } from '@gatehouse/protocol';
import type { KeyBinding } from '../authorizations/authorization.js';
import type { RequestChecks } from '../authorize/request-checks.js';
import type { ClientAuthentication } from '../clients/client-authentication.js';
import type { AuthenticatedRequest } from '../clients/presented-credentials.js';
import type { DpopProofs } from '../dpop/dpop-proofs.js';
import type { ServerPolicy } from '../server-policy.js';
import { newRequestUri } from './pushed-request.js';
import type { PushedRequestStore } from './pushed-request.store.js';

/** @spec RFC 9126 §2.2 */
export interface PushedRequestResponse {
  readonly request_uri: string;
  readonly expires_in: number;
}

const NOT_KEPT = ['client_id', 'client_secret', 'client_assertion', 'client_assertion_type'];

/**
 * A client hands over its authorization request itself, authenticated, before a browser is involved; the browser then
 * only carries a name that is good once. Everything that needs no person is checked here and refused here; it is checked
 * again when the browser comes, for a minute is enough for a client to be disabled.
 * A proof that comes with it says which key the code will be bound to, as `dpop_jkt` would.
 * Costs the client's authentication, the resources (cached) and one write; one more with a proof.
 * @spec RFC 9126 §2; RFC 9449 §10.1
 */
export class PushedRequestEndpoint {
  constructor(
    private readonly by: {
      readonly policy: ServerPolicy;
      readonly clock: Clock;
      readonly clients: ClientAuthentication;
      readonly proofs: DpopProofs;
      readonly checks: RequestChecks;
      readonly pushed: PushedRequestStore;
    },
  ) {}

  /** @throws OAuthError */
  async push(request: AuthenticatedRequest): Promise<PushedRequestResponse> {
    const { parameters } = request;
    // A chain of names would lead to a request that nobody checked. @spec RFC 9126 §2.1
    if (parameters.has('request_uri')) throw new OAuthError('invalid_request', 'malformed_request');
    requireModestSize(parameters);
    const proof = await this.by.proofs.shown(request.proofs, '/par');
    const client = await this.by.clients.authenticate(request, { firstContact: true });
    const verified = this.by.checks.verified(client, parameters);
    const { binding } = await this.by.checks.grantable(client, verified, parameters, true);
    if (proof && binding) requireSameKey(proof, binding);
    if (proof) await this.by.proofs.spend(proof);

    const { requestUri, id } = newRequestUri();
    const lifetime = this.by.policy.pushedRequestLifetime;
    await this.by.pushed.push({
      id,
      clientId: client.id,
      parameters: [
        ...parameters.pairsWithout([...NOT_KEPT, ...(proof ? ['dpop_jkt'] : [])]),
        ...(proof ? [['dpop_jkt', proof.jkt] as const] : []),
      ],
      expiresAt: after(this.by.clock.now(), lifetime),
    });
    return { request_uri: requestUri, expires_in: lifetime };
  }
}

/**
 * Of all values together, as at the authorization endpoint: they are stored by whoever asks, and `state` has to fit into the
 * URL of the answer.
 * @spec RFC 9126 §2.3
 */
const LONGEST = 8192;

function requireModestSize(parameters: Parameters): void {
  const kept = parameters.pairsWithout(NOT_KEPT);
  const length = kept.reduce((sum, [name, value]) => sum + name.length + encodeURIComponent(value).length + 2, 0);
  if (length > LONGEST) throw new OAuthError('invalid_request', 'oversized_request', { status: 413 });
}

/** Two keys in one request: neither is taken. @spec RFC 9449 §10.1 */
function requireSameKey(proof: KeyBinding, named: KeyBinding): void {
  if (proof.jkt !== named.jkt) throw new OAuthError('invalid_request', 'dpop_proof_other_key');
}
