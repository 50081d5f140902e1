import type { InteractionView } from '@gatehouse/authorization-server';
import {
  Alert,
  Button,
  Buttons,
  Document,
  Form,
  Heading,
  PasswordField,
  type RenderedPage,
  TextField,
  renderPage,
} from '@gatehouse/pages';
import { answerOrigins, ClientName, ClientWarnings } from './client-identity.js';

interface SignInPage {
  /** Undefined: nobody is known to ask yet. */
  readonly view: InteractionView | undefined;
  readonly action: string;
  readonly csrf: string;
  /** What was typed before; the password never comes back. */
  readonly username?: string;
  /** Why this is not the first time. The same for an unknown name and a wrong password. */
  readonly problem?: string;
}

export function signInPage({ view, action, csrf, username, problem }: SignInPage): RenderedPage {
  return renderPage(
    <Document title={problem === undefined ? 'Sign in' : 'Sign in failed'}>
      <Heading>Sign in</Heading>
      {problem === undefined ? null : <Alert title={problem} />}
      <p>
        {view === undefined ? (
          'Sign in to connect a device; nothing is shared before you agree.'
        ) : (
          <>
            <ClientName view={view} /> wants to act for you. Sign in first; nothing is shared before you agree.
          </>
        )}
      </p>
      <Form action={action} csrf={csrf}>
        <TextField
          name="username"
          label="Username"
          autocomplete="username"
          value={username}
          autofocus={username === undefined}
        />
        <PasswordField name="password" label="Password" purpose="current-password" autofocus={username !== undefined} />
        <Buttons>
          <Button kind="main">Sign in</Button>
        </Buttons>
      </Form>
      {view === undefined ? null : <ClientWarnings view={view} />}
    </Document>,
    // The next page may redirect to the client at once, and browsers hold the whole chain against this policy.
    { formActionOrigins: view === undefined ? [] : answerOrigins(view) },
  );
}
