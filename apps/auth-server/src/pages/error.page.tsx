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
