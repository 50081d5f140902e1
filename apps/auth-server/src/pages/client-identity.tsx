import type { InteractionView } from '@gatehouse/authorization-server';
import { ExternalText, Note, Warning } from '@gatehouse/pages';
import type { JSX } from 'preact';

/** Who asks, with what is known of it and what is not. Stands on every page of the journey. */
export function ClientName({ view }: { view: InteractionView }): JSX.Element {
  return <ExternalText text={view.client.name} maxLength={80} />;
}

/** Where a form of the journey may lead to in the end, for the page's policy: to a client, or nowhere but here. */
export function answerOrigins(view: InteractionView): readonly string[] {
  return 'device' in view ? [] : [view.redirectOrigin];
}

/** @spec MCP authorization, Localhost Redirect URI Risks */
export function ClientWarnings({ view }: { view: InteractionView }): JSX.Element {
  return (
    <>
      <Provenance client={view.client} />
      {'device' in view ? (
        <Warning title="Only go on if you started this yourself, on your device">
          <p>
            Whoever started it gets the access, wherever that device is. If somebody sent you the code or a link, do not
            allow it.
          </p>
        </Warning>
      ) : null}
      {'answerStaysHere' in view && view.answerStaysHere ? (
        <Warning title="The answer goes to a program on this computer">
          <p>Any program that runs here could be the one that receives it.</p>
        </Warning>
      ) : null}
    </>
  );
}

/**
 * Who vouches for the client: the operator, the host that published its description, or nobody. No picture of its own is
 * shown and none is fetched: a logo is the easiest part of a name to steal.
 * @spec MCP authorization, Client ID Metadata Documents, Trust Policies
 */
function Provenance({ client }: { client: InteractionView['client'] }): JSX.Element | null {
  if (client.verified && client.origin !== 'pre-registered')
    return (
      <Note title="Verified by your organisation">
        <p>
          This app is on the list of apps known here
          {client.publisher === undefined ? null : (
            <>
              {' '}
              and comes from <ExternalText text={client.publisher} />
            </>
          )}
          .
        </p>
      </Note>
    );
  if (client.publisher !== undefined)
    return (
      <Warning title="This name is not verified">
        <p>
          All that is certain is that <ExternalText text={client.publisher} /> describes the app under this name. Go on
          only if you trust that site and have just started the app yourself.
        </p>
      </Warning>
    );
  if (client.origin === 'dynamic')
    return (
      <Warning title="This name is not verified">
        <p>The app named itself. Nobody has checked who made it: go on only if you have just started it yourself.</p>
      </Warning>
    );
  return null;
}
