import type { RefusalView } from '@gatehouse/authorization-server';
import {
  Alert,
  Button,
  Buttons,
  Document,
  ExternalText,
  Form,
  Heading,
  type RenderedPage,
  renderPage,
} from '@gatehouse/pages';
import { answerOrigins, ClientName, ClientWarnings } from './client-identity.js';

interface RefusalPage {
  readonly view: RefusalView;
  readonly action: string;
  readonly csrf: string;
}

/**
 * The request cannot be granted. The person decides whether to go back: an app that registered itself must not be able
 * to send people wherever it likes by asking for nonsense.
 * @spec OAuth 2.1 §7.12.2
 */
export function refusalPage({ view, action, csrf }: RefusalPage): RenderedPage {
  return renderPage(
    <Document title="Access cannot be given">
      <Heading>Access cannot be given</Heading>
      <Alert title={view.description}>
        <p>
          <ClientName view={view} /> asked for something that it cannot get here (<code>{view.code}</code>). Nothing was
          shared.
        </p>
      </Alert>
      <ClientWarnings view={view} />
      <Form action={action} csrf={csrf}>
        <p>
          {'device' in view ? (
            'You can close this page, or let the device know now that access was refused.'
          ) : (
            <>
              You can close this page, or go back to the app at <ExternalText text={view.redirectHost} />; it will be
              told that access was refused.
            </>
          )}
        </p>
        <Buttons>
          <Button kind="main">{'device' in view ? 'Tell the device' : 'Go back to the app'}</Button>
        </Buttons>
      </Form>
    </Document>,
    { formActionOrigins: answerOrigins(view) },
  );
}
