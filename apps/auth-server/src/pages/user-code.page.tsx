import {
  Alert,
  Button,
  Buttons,
  Document,
  ExternalText,
  Form,
  Heading,
  type RenderedPage,
  TextField,
  Warning,
  renderPage,
} from '@gatehouse/pages';
import { SignOutLink } from './logout.page.js';

interface UserCodePage {
  readonly personName: string;
  readonly action: string;
  readonly switchAction: string;
  readonly signOutHref: string;
  readonly csrf: string;
  /** From a complete link: for the person to compare with the device. */
  readonly offered?: string;
  /** Why this is not the first time. */
  readonly problem?: string;
}

/**
 * The code says which device; it grants nothing. Who was sent here by somebody else learns that here, before the consent
 * page says it again. @spec RFC 8628 §3.3, §5.4
 */
export function userCodePage({
  personName,
  action,
  switchAction,
  signOutHref,
  csrf,
  offered,
  problem,
}: UserCodePage): RenderedPage {
  return renderPage(
    <Document title={problem === undefined ? 'Connect a device' : 'The code did not fit'}>
      <Heading>Connect a device</Heading>
      {problem === undefined ? null : <Alert title={problem} />}
      <Warning title="Only go on if you have just started this yourself">
        <p>
          The code must come from a device in front of you. If somebody sent you the code or a link to this page, it is
          their device that you would let in: close this page.
        </p>
      </Warning>
      <Form action={action} csrf={csrf}>
        <TextField
          name="user_code"
          label={offered === undefined ? 'Code on your device' : 'Does your device show exactly this code?'}
          hint="Eight letters, for example BCDF-GHJK"
          autocomplete="off"
          value={offered}
          autofocus={offered === undefined}
        />
        <Buttons>
          <Button kind="main">Continue</Button>
        </Buttons>
      </Form>
      <Form action={switchAction} csrf={csrf}>
        <p>
          You are signed in as <ExternalText text={personName} />. <Button kind="link">Use another account</Button> or{' '}
          <SignOutLink href={signOutHref} />
        </p>
      </Form>
    </Document>,
  );
}
