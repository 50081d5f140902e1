import { Alert, Document, Heading, type RenderedPage, renderPage } from '@gatehouse/pages';
import type { RefusalReason } from '@gatehouse/protocol';
import { ErrorPage, type Refusal } from '@gatehouse/server-kit';

/** One sentence for all: whether a name exists inside this network is nothing a page tells. */
const NO_DOCUMENT = 'The description that the app publishes of itself could not be had. Try again later.';
const UNUSABLE_DOCUMENT =
  'The description that the app publishes of itself cannot be used. Tell those who make the app.';

/** What a person can do about it; by our reason, where that gives nothing away. */
const ADVICE: Partial<Record<RefusalReason, string>> = {
  unknown_interaction: 'This page has been used already, or it is too old. Go back to the app and start again.',
  interaction_expired: 'This page is too old. Go back to the app and start again.',
  interaction_completed: 'This page has been used already. Go back to the app and start again.',
  interaction_of_other_browser: 'This page was opened in another browser. Go back to the app and start again.',
  wrong_csrf_token: 'This form is too old, or your browser blocks cookies. Go back to the app and start again.',
  cross_site_post: 'This form was sent from another site. Nothing was done.',
  unknown_client: 'The app is not known here. Remove its connection and add it again.',
  malformed_client_id_url: 'The app gave a web address as its name that is not well-formed.',
  client_not_allowed: 'Your organisation does not allow this app. Ask those who run this server.',
  client_document_unreachable: NO_DOCUMENT,
  client_document_forbidden_address: NO_DOCUMENT,
  client_document_wrong_status: NO_DOCUMENT,
  client_document_wrong_type: UNUSABLE_DOCUMENT,
  client_document_oversized: UNUSABLE_DOCUMENT,
  client_document_malformed: UNUSABLE_DOCUMENT,
  client_document_of_other_client: UNUSABLE_DOCUMENT,
  client_document_with_secret: UNUSABLE_DOCUMENT,
  client_document_outdated: 'The site that describes the app has not answered for a long time.',
  client_documents_busy: 'Wait a moment, then try again.',
  unregistered_redirect_uri: 'The app asks to be answered at an address that it has not registered.',
  unregistered_post_logout_redirect_uri:
    'The app wants you to go on to an address that it has not registered. You are still signed in.',
  id_token_hint_of_other_client: 'The app showed something that was made for another app. Nothing was done.',
  unknown_pushed_request: 'This link has been used already, or it is too old. Go back to the app and start again.',
  pushed_request_of_other_client: 'This link was made for another app. Go back to the app and start again.',
  disabled_account: 'Your account is disabled. Ask those who run this server.',
  provider_unavailable:
    'Your organisation’s sign-in does not answer now. Go back to the app and start again in a moment.',
  provider_refused:
    'Your organisation’s sign-in did not let you in. Go back to the app and start again, or ask those who run it.',
  provider_misconfigured: 'Your organisation’s sign-in is not set up rightly. Tell those who run this server.',
  invalid_provider_answer:
    'What your organisation’s sign-in answered cannot be trusted. Nothing was done. Go back to the app and start again.',
  authentication_not_fresh:
    'The app wants you to sign in anew, and your organisation’s sign-in did not say that you have. Go back to the app and start again.',
  unknown_provider: 'This way to sign in does not exist. Go back to the app and start again.',
  disabled_provider: 'This way to sign in is closed. Go back to the app and choose another one.',
  unknown_sso_login:
    'This sign-in has been used already, is too old, or was begun in another browser. Go back to the app and start again.',
  account_not_linked: 'You have no account here yet. Ask those who run this server to make one with your work address.',
  account_not_linkable:
    'There is an account with your address or name that is not linked to your sign-in, and it is not handed over by itself. Ask those who run this server.',
  identity_of_other_provider:
    'You are known here through another way to sign in. Go back to the app and choose that one.',
  rate_limited: 'Wait a moment, then try again.',
  too_many_attempts: 'Wait a while, then try again.',
  store_unavailable: 'This is our fault, not yours. Try again in a moment.',
};

export class HtmlErrorPage extends ErrorPage {
  override render({ description, reason, code }: Refusal, requestId?: string): RenderedPage {
    const advice = reason === undefined ? undefined : ADVICE[reason];
    return renderPage(
      <Document title="This did not work">
        <Heading>This did not work</Heading>
        <Alert title={description}>{advice === undefined ? null : <p>{advice}</p>}</Alert>
        <p>
          <code>{code}</code>
          {requestId === undefined ? null : (
            <>
              {' '}
              – for support: <code>{requestId}</code>
            </>
          )}
        </p>
      </Document>,
    );
  }
}
