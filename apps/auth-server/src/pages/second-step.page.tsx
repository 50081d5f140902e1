import type { CeremonyOptions, Enrolment } from '@gatehouse/identity';
import {
  Alert,
  Button,
  Buttons,
  Document,
  Form,
  Heading,
  Note,
  type RenderedPage,
  Subheading,
  TextField,
  renderPage,
} from '@gatehouse/pages';
import type { JSX } from 'preact';
import { PASSKEY_SCRIPT_SOURCE, PasskeyForm } from './passkey-form.js';

interface SecondStepPage {
  readonly action: string;
  readonly csrf: string;
  readonly hasApp: boolean;
  /** Absent: the person has no passkey. */
  readonly passkey?: CeremonyOptions;
  readonly problem?: string;
  /** Where the next page may lead, for the policy of this one. */
  readonly formActionOrigins: readonly string[];
}

/** Names nobody: who only guessed the password learns no more than that. */
export function secondStepPage(page: SecondStepPage): RenderedPage {
  const { action, csrf, hasApp, passkey, problem, formActionOrigins } = page;
  return renderPage(
    <Document title={problem === undefined ? 'Second step' : 'That was not right'}>
      <Heading>Second step</Heading>
      {problem === undefined ? null : <Alert title={problem} />}
      {hasApp ? (
        <Form action={action} csrf={csrf}>
          <TextField
            name="code"
            label="Code from your authenticator app"
            hint="Six digits"
            autocomplete="one-time-code"
            autofocus
          />
          <Buttons>
            <Button kind="main">Continue</Button>
          </Buttons>
        </Form>
      ) : null}
      {passkey === undefined ? null : (
        <PasskeyForm ceremony="get" options={passkey} action={action} csrf={csrf} label="Use a passkey" />
      )}
      <Subheading>Without your device?</Subheading>
      <Form action={action} csrf={csrf}>
        <TextField name="recovery_code" label="Recovery code" hint="Each one works once" autocomplete="off" />
        <Buttons>
          <Button>Use a recovery code</Button>
        </Buttons>
      </Form>
    </Document>,
    { formActionOrigins, ...(passkey === undefined ? {} : { scriptSource: PASSKEY_SCRIPT_SOURCE }) },
  );
}

interface EnrolmentPage {
  readonly action: string;
  readonly csrf: string;
  readonly enrolment: Enrolment;
  /** The person may give it a name: on the account page. */
  readonly named: boolean;
  readonly problem?: string;
  readonly formActionOrigins?: readonly string[];
}

export function enrolmentPage(page: EnrolmentPage): RenderedPage {
  const { action, csrf, enrolment, named, problem, formActionOrigins = [] } = page;
  return renderPage(
    <Document title={problem === undefined ? 'Set up an authenticator app' : 'The code did not fit'}>
      <Heading>Set up an authenticator app</Heading>
      {problem === undefined ? null : <Alert title={problem} />}
      <p>
        Add an account to your authenticator app with this key, or <a href={enrolment.uri}>open it in the app</a> if the
        app is on this device. Then type the code that the app shows.
      </p>
      <Note title="Key">
        <p>{enrolment.secret}</p>
      </Note>
      <Form action={action} csrf={csrf}>
        <input type="hidden" name="enrolment" value={enrolment.sealed} />
        {named ? <TextField name="name" label="Name" autocomplete="off" value="Authenticator app" /> : null}
        <TextField name="code" label="Code" hint="Six digits" autocomplete="one-time-code" />
        <Buttons>
          <Button kind="main">Continue</Button>
        </Buttons>
      </Form>
    </Document>,
    { formActionOrigins },
  );
}

/** The only time that they are shown. */
export function recoveryCodesPage({ codes, next }: { codes: readonly string[]; next: string }): RenderedPage {
  return renderPage(
    <Document title="Your recovery codes">
      <Heading>Your recovery codes</Heading>
      <p>
        If you lose your device, each of these codes lets you in once. Keep them where nobody else finds them. They are
        shown only now.
      </p>
      <Note title="Codes">
        <Codes codes={codes} />
      </Note>
      <p>
        <a href={next}>I have kept them: continue</a>
      </p>
    </Document>,
  );
}

function Codes({ codes }: { codes: readonly string[] }): JSX.Element {
  return (
    <ul>
      {codes.map((code) => (
        <li key={code}>
          <code>{code}</code>
        </li>
      ))}
    </ul>
  );
}
