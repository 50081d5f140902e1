import type { InteractionView } from '@gatehouse/authorization-server';
import type { LocalSignIn } from '@gatehouse/identity';
import {
  Alert,
  Button,
  Buttons,
  Document,
  Form,
  Heading,
  PasswordField,
  type RenderedPage,
  Subheading,
  TextField,
  renderPage,
} from '@gatehouse/pages';
import type { JSX } from 'preact';
import { answerOrigins, ClientName, ClientWarnings } from './client-identity.js';

/** What of the ways to sign in is on the page. */
export interface SsoOffer {
  readonly action: string;
  readonly providers: readonly { readonly id: string; readonly name: string }[];
  /** Some provider is found by the domain of an address. */
  readonly byEmail: boolean;
  /** What was typed before. */
  readonly email?: string;
}

interface SignInPage {
  /** Undefined: nobody is known to ask yet. */
  readonly view: InteractionView | undefined;
  readonly action: string;
  readonly csrf: string;
  /** What was typed before; the password never comes back. */
  readonly username?: string;
  /** Why this is not the first time. The same for an unknown name and a wrong password. */
  readonly problem?: string;
  readonly sso: SsoOffer;
  readonly local: LocalSignIn;
  /** Absent: there are no passkeys here. */
  readonly passkeyHref?: string;
}

export function signInPage({
  view,
  action,
  csrf,
  username,
  problem,
  sso,
  local,
  passkeyHref,
}: SignInPage): RenderedPage {
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
      <ProviderForms sso={sso} csrf={csrf} />
      {local === 'off' ? null : (
        <>
          {sso.providers.length === 0 ? null : (
            <Subheading>{local === 'on' ? 'Or with a password' : 'For emergency accounts'}</Subheading>
          )}
          <Form action={action} csrf={csrf}>
            <TextField
              name="username"
              label="Username"
              autocomplete="username"
              value={username}
              autofocus={username === undefined && sso.providers.length === 0}
            />
            <PasswordField
              name="password"
              label="Password"
              purpose="current-password"
              autofocus={username !== undefined}
            />
            <Buttons>
              <Button kind={sso.providers.length === 0 ? 'main' : 'plain'}>Sign in</Button>
            </Buttons>
          </Form>
          {passkeyHref === undefined ? null : (
            <p>
              <a href={passkeyHref}>Sign in with a passkey</a>
            </p>
          )}
        </>
      )}
      {view === undefined ? null : <ClientWarnings view={view} />}
    </Document>,
    // The next page may redirect to the client at once, and browsers hold the whole chain against this policy.
    { formActionOrigins: view === undefined ? [] : answerOrigins(view) },
  );
}

/** One button a provider; and one field for those who know their address better than what their company uses. */
function ProviderForms({ sso, csrf }: { sso: SsoOffer; csrf: string }): JSX.Element | null {
  if (sso.providers.length === 0) return null;
  return (
    <>
      <Form action={sso.action} csrf={csrf}>
        <Buttons>
          {sso.providers.map(({ id, name }) => (
            <Button key={id} kind="main" name="provider" value={id}>
              Sign in with {name}
            </Button>
          ))}
        </Buttons>
      </Form>
      {sso.byEmail ? (
        <Form action={sso.action} csrf={csrf}>
          <TextField name="email" label="Or your work e-mail address" autocomplete="email" value={sso.email} />
          <Buttons>
            <Button>Continue</Button>
          </Buttons>
        </Form>
      ) : null}
    </>
  );
}
