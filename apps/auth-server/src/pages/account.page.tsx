import type { CeremonyOptions, Factor, FactorsView, ShownSession } from '@gatehouse/identity';
import {
  Alert,
  Button,
  Buttons,
  Document,
  ExternalText,
  Form,
  Heading,
  Note,
  PasswordField,
  type RenderedPage,
  Subheading,
  TextField,
  renderPage,
} from '@gatehouse/pages';
import type { JSX } from 'preact';
import { PASSKEY_SCRIPT_SOURCE, PasskeyForm } from './passkey-form.js';
import { SignOutLink } from './logout.page.js';

interface AccountSignInPage {
  readonly action: string;
  readonly csrf: string;
  readonly username?: string;
  readonly problem?: string;
}

/** For no client: nothing follows from it but the pages of the account. */
export function accountSignInPage({ action, csrf, username, problem }: AccountSignInPage): RenderedPage {
  return renderPage(
    <Document title={problem === undefined ? 'Sign in' : 'Sign in failed'}>
      <Heading>Sign in</Heading>
      {problem === undefined ? null : <Alert title={problem} />}
      <p>Sign in to see and change what guards your account.</p>
      <Form action={action} csrf={csrf}>
        <TextField name="username" label="Username" autocomplete="username" value={username} autofocus />
        <PasswordField name="password" label="Password" purpose="current-password" />
        <Buttons>
          <Button kind="main">Sign in</Button>
        </Buttons>
      </Form>
    </Document>,
  );
}

interface AccountPage {
  readonly personName: string;
  /** Path of the account pages. */
  readonly base: string;
  readonly signOutHref: string;
  readonly csrf: string;
  /** Signed in lately and strongly enough. */
  readonly mayChange: boolean;
  readonly factors: FactorsView;
  readonly sessions: readonly ShownSession[];
  /** `sid` of the session that looks. */
  readonly current: string;
}

export function accountPage(page: AccountPage): RenderedPage {
  const { personName, base, signOutHref, csrf, mayChange, factors, sessions, current } = page;
  return renderPage(
    <Document title="Your account">
      <Heading>Your account</Heading>
      <p>
        You are signed in as <ExternalText text={personName} />. <SignOutLink href={signOutHref} />
      </p>
      {mayChange ? null : (
        <Note title="To change something, sign in again">
          <p>
            Changes need a sign-in of the last ten minutes. <a href={`${base}/sign-in`}>Sign in again</a>
          </p>
        </Note>
      )}
      <Subheading>Second factors</Subheading>
      {factors.factors.length === 0 ? <p>None.</p> : null}
      {factors.factors.map((factor) => (
        <FactorForm key={factor.id} factor={factor} action={`${base}/factor`} csrf={csrf} mayChange={mayChange} />
      ))}
      {factors.mayAdd && mayChange ? (
        <p>
          <a href={`${base}/app`}>Add an authenticator app</a>
          {factors.mayAddPasskey ? (
            <>
              {' '}
              or <a href={`${base}/passkey`}>a passkey</a>
            </>
          ) : null}
        </p>
      ) : null}
      {factors.factors.length === 0 ? null : (
        <>
          <p>Recovery codes left: {factors.recoveryCodesLeft}</p>
          {mayChange ? (
            <Form action={`${base}/recovery-codes`} csrf={csrf}>
              <Buttons>
                <Button>Get new recovery codes</Button>
              </Buttons>
            </Form>
          ) : null}
        </>
      )}
      <Subheading>Where you are signed in</Subheading>
      {sessions.map((session) => (
        <SessionForm
          key={session.sid}
          session={session}
          isCurrent={session.sid === current}
          action={`${base}/sessions`}
          csrf={csrf}
          mayChange={mayChange}
        />
      ))}
      {mayChange && sessions.length > 1 ? (
        <Form action={`${base}/sessions`} csrf={csrf}>
          <Buttons>
            <Button name="others" value="yes">
              End all others
            </Button>
          </Buttons>
        </Form>
      ) : null}
    </Document>,
  );
}

interface FactorForm {
  readonly factor: Factor;
  readonly action: string;
  readonly csrf: string;
  readonly mayChange: boolean;
}

function FactorForm({ factor, action, csrf, mayChange }: FactorForm): JSX.Element {
  const { id, kind, name, createdAt, lastUsedAt } = factor;
  const used = lastUsedAt === undefined ? 'not used yet' : `last used ${dayOf(lastUsedAt)}`;
  return (
    <Form action={action} csrf={csrf}>
      <p>
        <strong>
          <ExternalText text={name} />
        </strong>{' '}
        ({kind === 'totp' ? 'authenticator app' : 'passkey'}), added {dayOf(createdAt)}, {used}
      </p>
      {mayChange ? (
        <>
          <input type="hidden" name="id" value={id} />
          <TextField name="name" label="Name" autocomplete="off" value={name} />
          <Buttons>
            <Button name="change" value="rename">
              Rename
            </Button>
            <Button name="change" value="remove" skipsChecks>
              Remove
            </Button>
          </Buttons>
        </>
      ) : null}
    </Form>
  );
}

interface SessionForm {
  readonly session: ShownSession;
  readonly isCurrent: boolean;
  readonly action: string;
  readonly csrf: string;
  readonly mayChange: boolean;
}

function SessionForm({ session, isCurrent, action, csrf, mayChange }: SessionForm): JSX.Element {
  const { sid, browser = 'A browser', network, authenticatedAt, provider } = session;
  return (
    <Form action={action} csrf={csrf}>
      <p>
        <strong>{browser}</strong>
        {network === undefined ? null : ` from ${network}`}
        {provider === undefined ? null : ` by ${provider}`}, since {momentOf(authenticatedAt)}
        {isCurrent ? ' (this one)' : null}
      </p>
      {mayChange && !isCurrent ? (
        <>
          <input type="hidden" name="sid" value={sid} />
          <Buttons>
            <Button>End it</Button>
          </Buttons>
        </>
      ) : null}
    </Form>
  );
}

interface NewPasskeyPage {
  readonly options: CeremonyOptions;
  readonly sealed: string;
  readonly action: string;
  readonly back: string;
  readonly csrf: string;
}

export function newPasskeyPage({ options, sealed, action, back, csrf }: NewPasskeyPage): RenderedPage {
  return renderPage(
    <Document title="Add a passkey">
      <Heading>Add a passkey</Heading>
      <p>Your device will ask for your finger, face or PIN, each time that you sign in with it.</p>
      <PasskeyForm ceremony="create" options={options} action={action} csrf={csrf} label="Add a passkey">
        <input type="hidden" name="enrolment" value={sealed} />
        <TextField name="name" label="Name" autocomplete="off" value="Passkey" />
      </PasskeyForm>
      <p>
        <a href={back}>Back</a>
      </p>
    </Document>,
    { scriptSource: PASSKEY_SCRIPT_SOURCE },
  );
}

function dayOf(date: Date): string {
  return date.toISOString().slice(0, 10);
}

function momentOf(date: Date): string {
  return `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
