import { redirectProblem, type RedirectProblem } from '@gatehouse/protocol';
import { carriesResponseParameter } from '../authorize/authorization-response.js';
import type { Client } from '../clients/client.js';
import { isKeySetUri } from '../clients/public-keys.js';

/** What a client says of the end of a session: where its people may be sent, and where it wants to be told. */
export type LogoutTerms = Pick<
  Client,
  'postLogoutRedirectUris' | 'backchannelLogoutUri' | 'backchannelLogoutSessionRequired'
>;

export interface LogoutMetadata {
  readonly post_logout_redirect_uris?: readonly string[] | undefined;
  readonly backchannel_logout_uri?: string | undefined;
  readonly backchannel_logout_session_required?: boolean | undefined;
}

/**
 * May people be sent there when they have signed out? By the rules for every other redirect: an address that is not good
 * enough for a code is not good enough for a person who has just trusted us.
 * @spec OpenID Connect RP-Initiated Logout 1.0 §3.1
 */
export function postLogoutProblem(uri: string, redirectSchemes: readonly string[]): RedirectProblem | undefined {
  return redirectProblem(uri, redirectSchemes) ?? (carriesResponseParameter(uri) ? 'invalid_redirect_uri' : undefined);
}

/**
 * May logout tokens be sent there? https without user information and fragment; what address is behind it is seen by the
 * guarded fetch, each time. @spec OpenID Connect Back-Channel Logout 1.0 §2.2
 */
export function isLogoutReceiver(uri: unknown): uri is string {
  return isKeySetUri(uri);
}

export function logoutTerms({
  post_logout_redirect_uris: uris = [],
  backchannel_logout_uri: receiver,
  backchannel_logout_session_required: session,
}: LogoutMetadata): LogoutTerms {
  return {
    ...(uris.length === 0 ? {} : { postLogoutRedirectUris: [...new Set(uris)] }),
    ...(receiver === undefined ? {} : { backchannelLogoutUri: receiver }),
    ...(receiver !== undefined && session === true ? { backchannelLogoutSessionRequired: true } : {}),
  };
}

/** As it was registered, for whoever registered it. */
export function logoutMetadata(terms: LogoutTerms): LogoutMetadata {
  const { postLogoutRedirectUris, backchannelLogoutUri, backchannelLogoutSessionRequired } = terms;
  return {
    ...(postLogoutRedirectUris === undefined ? {} : { post_logout_redirect_uris: postLogoutRedirectUris }),
    ...(backchannelLogoutUri === undefined ? {} : { backchannel_logout_uri: backchannelLogoutUri }),
    ...(backchannelLogoutSessionRequired === true ? { backchannel_logout_session_required: true } : {}),
  };
}
