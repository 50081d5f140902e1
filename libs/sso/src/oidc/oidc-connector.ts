/**
 * People who sign in at a provider that speaks OpenID Connect. Code flow with PKCE; the ID token's signature, issuer, audience,
 * authorised party, nonce and time are verified, and the issuer in the redirect where the provider sends it. Which keys and
 * addresses hold is what the provider's own discovery document says, at the issuer that the operator named.
 * @spec OpenID Connect Core §3.1.2, §3.1.3; RFC 9700 §2.1, §4.4; RFC 9207 §2.4
 */
import {
  type ArriveInput,
  type ConfiguredProvider,
  type DepartInput,
  type Departure,
  type ExternalPerson,
  type ProviderSecrets,
  RedirectConnector,
  SsoProblem,
} from '@gatehouse/identity';
import {
  authorizationCodeGrant,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  fetchUserInfo,
  randomNonce,
  randomPKCECodeVerifier,
} from 'openid-client';
import { Configurations, type ConfigurationsParts, type OidcClient } from './configurations.js';
import { groupsOf } from './groups.js';
import { asProblem } from './oidc-problem.js';
import { oidcProblems } from './oidc-settings.js';
import { type Claims, instantOf, personOf } from './person.js';
import { within } from './within.js';

/** Seconds that clocks may differ. */
const SKEW = 60;

export class OidcConnector extends RedirectConnector {
  override readonly kind = 'oidc';
  readonly #parts: ConfigurationsParts;
  readonly #configurations: Configurations;

  constructor(parts: ConfigurationsParts) {
    super();
    this.#parts = parts;
    this.#configurations = new Configurations(parts);
  }

  override problems(settings: unknown, secrets: ProviderSecrets): readonly string[] {
    return oidcProblems(settings, secrets);
  }

  override async probe(provider: ConfiguredProvider): Promise<readonly string[]> {
    const { config } = await within(this.#configurations.read(provider));
    const server = config.serverMetadata();
    return [
      `issuer ${server.issuer}`,
      `sends people to ${server.authorization_endpoint ?? 'nowhere'}`,
      `signs with ${server.id_token_signing_alg_values_supported?.join(', ') ?? 'nothing'}`,
      server.authorization_response_iss_parameter_supported === true ? 'says who answers' : 'does not say who answers',
    ];
  }

  override depart(provider: ConfiguredProvider, input: DepartInput): Promise<Departure> {
    return within(this.#depart(provider, input));
  }

  override arrive(provider: ConfiguredProvider, input: ArriveInput): Promise<ExternalPerson> {
    return within(this.#arrive(provider, input));
  }

  async #depart(provider: ConfiguredProvider, input: DepartInput): Promise<Departure> {
    const { settings, config } = await this.#configurations.of(provider);
    const [nonce, verifier] = [randomNonce(), randomPKCECodeVerifier()];
    const maxAge = input.anew === true ? 0 : input.maxAge;
    const url = buildAuthorizationUrl(config, {
      ...settings.authorization_parameters,
      response_type: 'code',
      redirect_uri: input.callback,
      scope: settings.scopes.join(' '),
      state: input.state,
      nonce,
      code_challenge: await calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      ...(input.loginHint === undefined ? {} : { login_hint: input.loginHint }),
      ...(input.anew === true ? { prompt: 'login' } : {}),
      ...(maxAge === undefined ? {} : { max_age: String(maxAge) }),
    });
    const now = Math.floor(this.#parts.clock.now().getTime() / 1000);
    return {
      location: url.href,
      memory: { nonce, verifier, ...(maxAge === undefined ? {} : { notBefore: String(now - maxAge - SKEW) }) },
    };
  }

  async #arrive(provider: ConfiguredProvider, { callback, url, state, memory }: ArriveInput): Promise<ExternalPerson> {
    const client = await this.#configurations.of(provider);
    // Our own address, whatever a proxy made of the one that the request came by.
    const answer = new URL(callback);
    answer.search = new URL(url).search;
    try {
      const { claims, accessToken } = await redeem(client, answer, state, memory);
      requireFreshness(memory, claims);
      const complete = await withUserinfo(client, claims, accessToken);
      const groups = await groupsOf(client.settings, complete, accessToken, this.#parts.fetch);
      return personOf(client.settings, complete, groups);
    } catch (error) {
      throw asProblem(error);
    }
  }
}

async function redeem(
  { config, settings }: OidcClient,
  answer: URL,
  expectedState: string,
  memory: ArriveInput['memory'],
): Promise<{ readonly claims: Claims; readonly accessToken: string }> {
  const { nonce, verifier } = memory;
  // Without these the checks behind them would not be made.
  if (nonce === undefined || verifier === undefined) throw new SsoProblem('invalid_provider_answer');
  const tokens = await authorizationCodeGrant(config, answer, {
    expectedState,
    expectedNonce: nonce,
    pkceCodeVerifier: verifier,
    idTokenExpected: true,
  });
  const claims = tokens.claims();
  // A token for several audiences has to say for whom it is; one that says it for somebody else is not ours in any case.
  if (!claims || (claims['azp'] !== undefined && claims['azp'] !== settings.client_id))
    throw new SsoProblem('invalid_provider_answer');
  return { claims, accessToken: tokens.access_token };
}

/** Asked to have a person prove who they are, a provider has to say that they did: the person could have changed the request. */
function requireFreshness({ notBefore }: ArriveInput['memory'], claims: Claims): void {
  if (notBefore === undefined) return;
  const at = instantOf(claims['auth_time']);
  if (!at || at.getTime() < Number(notBefore) * 1000) throw new SsoProblem('authentication_not_fresh');
}

/** Some providers tell of a person only when they are asked. What the ID token says holds. */
async function withUserinfo({ config, settings }: OidcClient, claims: Claims, accessToken: string): Promise<Claims> {
  const { email, display_name: name, groups } = settings.claims;
  const isComplete =
    [email, name].every((claim) => claims[claim] !== undefined) &&
    (claims[groups] !== undefined || '_claim_names' in claims);
  if (isComplete || config.serverMetadata().userinfo_endpoint === undefined) return claims;
  const told = await fetchUserInfo(config, accessToken, String(claims['sub']));
  return { ...told, ...claims };
}
