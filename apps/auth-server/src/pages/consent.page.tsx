import type { ConsentView } from '@gatehouse/authorization-server';
import {
  Button,
  Buttons,
  CheckboxList,
  DefinitionList,
  Document,
  ExternalText,
  Form,
  Heading,
  type RenderedPage,
  Subheading,
  renderPage,
} from '@gatehouse/pages';
import type { ScopeDefinition } from '@gatehouse/scopes';
import type { JSX } from 'preact';
import { SignOutLink } from './logout.page.js';
import { answerOrigins, ClientName, ClientWarnings } from './client-identity.js';

interface ConsentPage {
  readonly view: ConsentView;
  readonly personName: string;
  readonly decideAction: string;
  readonly switchAction: string;
  readonly signOutHref: string;
  readonly csrf: string;
}

/** What a person decides on: who asks, for what, at which resource, and where the answer goes. @spec MCP SBP, consent */
export function consentPage({
  view,
  personName,
  decideAction,
  switchAction,
  signOutHref,
  csrf,
}: ConsentPage): RenderedPage {
  return renderPage(
    <Document title="Allow access?">
      <Heading>
        {view.resource.isIdentity ? (
          <>
            Tell <ClientName view={view} /> who you are?
          </>
        ) : (
          <>
            Allow <ClientName view={view} /> to use <ExternalText text={view.resource.name} maxLength={80} />?
          </>
        )}
      </Heading>
      <ClientWarnings view={view} />
      <DefinitionList items={facts(view)} />
      <Form action={decideAction} csrf={csrf}>
        <CheckboxList
          legend="It would be allowed to"
          name="scope"
          choices={view.scopes.map((scope) => ({
            value: scope.name,
            label: scope.description,
            hint: <ScopeHint scope={scope} />,
            checked: true,
          }))}
        />
        {view.withheld.length > 0 ? <Withheld scopes={view.withheld} /> : null}
        <Buttons>
          <Button kind="main" name="decision" value="approve">
            Allow
          </Button>
          <Button name="decision" value="deny" skipsChecks>
            Do not allow
          </Button>
        </Buttons>
      </Form>
      <Form action={switchAction} csrf={csrf}>
        <p>
          You are signed in as <ExternalText text={personName} />. <Button kind="link">Use another account</Button> or{' '}
          <SignOutLink href={signOutHref} />
        </p>
      </Form>
    </Document>,
    { formActionOrigins: answerOrigins(view) },
  );
}

function facts(view: ConsentView): { term: string; value: JSX.Element }[] {
  const { client, resource } = view;
  return [
    // What this server tells itself has no address that a person could know.
    ...(resource.isIdentity
      ? []
      : [{ term: 'Resource', value: <ExternalText text={resource.identifier} maxLength={200} /> }]),
    ...destination(view),
    ...(client.publisher === undefined
      ? []
      : [{ term: 'Published by', value: <ExternalText text={client.publisher} /> }]),
    ...(client.host === undefined || client.host === client.publisher
      ? []
      : [
          {
            term: client.origin === 'dynamic' ? 'Website it claims to belong to' : 'Website',
            value: <ExternalText text={client.host} />,
          },
        ]),
  ];
}

function destination(view: ConsentView): { term: string; value: JSX.Element }[] {
  if (!('device' in view)) return [{ term: 'The answer goes to', value: <ExternalText text={view.redirectHost} /> }];
  const { network, startedAt } = view.device;
  const iso = startedAt.toISOString();
  return [
    { term: 'Started on a device in the network', value: <ExternalText text={network} /> },
    { term: 'Started at', value: <time dateTime={iso}>{`${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`}</time> },
  ];
}

function ScopeHint({ scope }: { scope: ScopeDefinition }): JSX.Element {
  return (
    <>
      {scope.sensitive === true ? <strong>Hard to undo. </strong> : null}
      <code>{scope.name}</code>
    </>
  );
}

function Withheld({ scopes }: { scopes: readonly ScopeDefinition[] }): JSX.Element {
  return (
    <>
      <Subheading>Also asked for, but you may not do it yourself</Subheading>
      <ul>
        {scopes.map(({ name, description }) => (
          <li key={name}>
            {description} <code>{name}</code>
          </li>
        ))}
      </ul>
    </>
  );
}
