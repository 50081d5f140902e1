import {
  type ClientId,
  type Clock,
  newSecret,
  OAuthError,
  redirectProblem,
  secondsSinceEpoch,
} from '@gatehouse/protocol';
import { randomUUID } from 'node:crypto';
import { carriesResponseParameter } from '../authorize/authorization-response.js';
import type { Client, ClientAuthMethod, GrantType } from '../clients/client.js';
import type { ClientStore } from '../clients/client.store.js';
import type { Secrets } from '../clients/secrets.js';
import type { ServerPolicy } from '../server-policy.js';
import { applicationType } from './application-type.js';
import { type ClientMetadata, parseClientMetadata } from './client-metadata.js';

/** What was registered, which may be less than what was asked. @spec RFC 7591 §3.2.1 */
export interface ClientInformation {
  readonly client_id: ClientId;
  readonly client_id_issued_at: number;
  readonly client_secret?: string;
  /** 0: never. Present exactly with a secret. */
  readonly client_secret_expires_at?: number;
  readonly redirect_uris: readonly string[];
  readonly token_endpoint_auth_method: ClientAuthMethod;
  readonly grant_types: readonly GrantType[];
  readonly response_types: readonly ['code'];
  readonly application_type: 'web' | 'native';
  readonly client_name: string;
  readonly client_uri?: string;
  readonly software_id?: string;
  readonly software_version?: string;
}

const SUPPORTED_GRANTS: readonly GrantType[] = ['authorization_code', 'refresh_token'];

/**
 * Open registration: anybody gets a client, and nothing it says of itself gives it a right. What is not supported is
 * left out of the answer, never echoed; what makes no sense is refused. The secret is shown once and stored as a hash.
 * @spec RFC 7591 §3
 */
export class RegistrationEndpoint {
  constructor(
    private readonly by: {
      readonly policy: ServerPolicy;
      readonly clock: Clock;
      readonly clients: ClientStore;
      readonly secrets: Secrets;
    },
  ) {}

  /**
   * @param body parsed JSON, of whatever shape
   * @throws OAuthError invalid_redirect_uri, invalid_client_metadata
   */
  async register(body: unknown): Promise<ClientInformation> {
    const metadata = parseClientMetadata(body);
    const redirectUris = this.#redirectUris(metadata);
    const secret = metadata.token_endpoint_auth_method === 'none' ? undefined : newSecret('ghs_');
    const { client_uri, software_id, software_version } = metadata;
    const client: Client = {
      id: `c_${randomUUID().replaceAll('-', '')}` as ClientId,
      origin: 'dynamic',
      name: metadata.client_name ?? 'Unnamed client',
      applicationType: applicationType(metadata.application_type, redirectUris),
      redirectUris,
      grantTypes: grantTypes(metadata),
      authMethod: metadata.token_endpoint_auth_method,
      secrets: secret === undefined ? [] : [{ hash: this.by.secrets.hash(secret) }],
      ...(isShowable(client_uri) ? { clientUri: client_uri } : {}),
      ...(software_id === undefined ? {} : { softwareId: software_id }),
      ...(software_version === undefined ? {} : { softwareVersion: software_version }),
      createdAt: this.by.clock.now(),
    };
    await this.by.clients.register(client, {
      type: 'client.registered',
      at: client.createdAt,
      clientId: client.id,
      detail: { applicationType: client.applicationType, authMethod: client.authMethod },
    });
    return clientInformation(client, secret);
  }

  #redirectUris({ redirect_uris }: ClientMetadata): readonly string[] {
    for (const uri of redirect_uris) {
      const problem = redirectProblem(uri, this.by.policy.redirectSchemes);
      if (problem) throw new OAuthError('invalid_redirect_uri', problem);
      if (carriesResponseParameter(uri)) throw new OAuthError('invalid_redirect_uri', 'invalid_redirect_uri');
    }
    return [...new Set(redirect_uris)];
  }
}

/** Real clients list more than they need: what is not offered here falls away, as long as a code flow is left. */
function grantTypes({ grant_types, response_types }: ClientMetadata): readonly GrantType[] {
  const granted = SUPPORTED_GRANTS.filter((type) => grant_types.includes(type));
  if (!granted.includes('authorization_code') || !response_types.includes('code'))
    throw new OAuthError('invalid_client_metadata', 'invalid_client_metadata');
  return granted;
}

/** Shown as the client's own words, never fetched; what is not a plain https URL is left out. */
function isShowable(uri: string | undefined): uri is string {
  return uri !== undefined && /^https:\/\/[\x21-\x7e]{1,500}$/.test(uri) && URL.canParse(uri);
}

function clientInformation(client: Client, secret: string | undefined): ClientInformation {
  return {
    client_id: client.id,
    client_id_issued_at: secondsSinceEpoch(client.createdAt),
    ...(secret === undefined ? {} : { client_secret: secret, client_secret_expires_at: 0 }),
    redirect_uris: client.redirectUris,
    token_endpoint_auth_method: client.authMethod,
    grant_types: client.grantTypes,
    response_types: ['code'],
    application_type: client.applicationType,
    client_name: client.name,
    ...(client.clientUri === undefined ? {} : { client_uri: client.clientUri }),
    ...(client.softwareId === undefined ? {} : { software_id: client.softwareId }),
    ...(client.softwareVersion === undefined ? {} : { software_version: client.softwareVersion }),
  };
}
