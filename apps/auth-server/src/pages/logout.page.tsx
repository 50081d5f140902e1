import type { Destination } from '@gatehouse/authorization-server';
import {
  Button,
  Buttons,
  Document,
  ExternalText,
  Form,
  Heading,
  type RenderedPage,
  renderPage,
} from '@gatehouse/pages';
import type { JSX } from 'preact';

interface LogoutPage {
  readonly personName: string;
  /** Who asks, if a client does. */
  readonly clientName: string | undefined;
  readonly destination: Destination | undefined;
  readonly action: string;
  readonly csrf: string;
  /** What leads to the destination, to be checked again with the answer: nothing of it is kept here. */
  readonly fields: readonly (readonly [name: string, value: string])[];
}

/** Any site can send a browser here. That somebody wants to sign out, only the person can say. */
export function logoutPage({ personName, clientName, destination, action, csrf, fields }: LogoutPage): RenderedPage {
  return renderPage(
    <Document title="Sign out?">
      <Heading>Sign out?</Heading>
      <p>
        {clientName === undefined ? null : (
          <>
            <ExternalText text={clientName} maxLength={80} /> asks you to sign out.{' '}
          </>
        )}
        You are signed in here as <ExternalText text={personName} />. Apps that you allowed to act for you can go on
        doing so.
      </p>
      <Form action={action} csrf={csrf}>
        {fields.map(([name, value]) => (
          <input key={name} type="hidden" name={name} value={value} />
        ))}
        {destination === undefined ? null : (
          <p>
            After that you go on to <ExternalText text={destination.host} />.
          </p>
        )}
        <Buttons>
          <Button kind="main" name="decision" value="sign-out">
            Sign out
          </Button>
          <Button name="decision" value="stay">
            Stay signed in
          </Button>
        </Buttons>
      </Form>
    </Document>,
    // The answer to the form may redirect there, and browsers hold the whole chain against this policy.
    { formActionOrigins: destination === undefined ? [] : [destination.origin] },
  );
}

/** Says nothing of who was signed in: anybody may look at it. */
export function signedOutPage(destination?: Destination): RenderedPage {
  return renderPage(
    <Document title="You are signed out">
      <Heading>You are signed out</Heading>
      <p>Nobody is signed in here in this browser. You can close this page.</p>
      {destination === undefined ? null : (
        <p>
          <a href={destination.location}>
            Go on to <ExternalText text={destination.host} />
          </a>
        </p>
      )}
    </Document>,
  );
}

export function stillSignedInPage(): RenderedPage {
  return renderPage(
    <Document title="You are still signed in">
      <Heading>You are still signed in</Heading>
      <p>Nothing was changed. You can close this page.</p>
    </Document>,
  );
}

/** The way out, on every page that says who is signed in. */
export function SignOutLink({ href }: { href: string }): JSX.Element {
  return <a href={href}>Sign out</a>;
}
