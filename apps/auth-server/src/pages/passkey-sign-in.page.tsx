import type { CeremonyOptions } from '@gatehouse/identity';
import { Document, Heading, type RenderedPage, renderPage } from '@gatehouse/pages';
import { PASSKEY_SCRIPT_SOURCE, PasskeyForm } from './passkey-form.js';

interface PasskeySignInPage {
  readonly options: CeremonyOptions;
  readonly action: string;
  readonly back: string;
  readonly csrf: string;
  readonly formActionOrigins: readonly string[];
}

export function passkeySignInPage(page: PasskeySignInPage): RenderedPage {
  const { options, action, back, csrf, formActionOrigins } = page;
  return renderPage(
    <Document title="Sign in with a passkey">
      <Heading>Sign in with a passkey</Heading>
      <p>Your device will ask for your finger, face or PIN.</p>
      <PasskeyForm ceremony="get" options={options} action={action} csrf={csrf} label="Continue" />
      <p>
        <a href={back}>Sign in another way</a>
      </p>
    </Document>,
    { formActionOrigins, scriptSource: PASSKEY_SCRIPT_SOURCE },
  );
}
