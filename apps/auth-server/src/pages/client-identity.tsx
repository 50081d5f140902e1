import type { InteractionView } from '@gatehouse/authorization-server';
import { ExternalText, Warning } from '@gatehouse/pages';
import type { JSX } from 'preact';

/** Who asks, with what is known of it and what is not. Stands on every page of the journey. */
export function ClientName({ view }: { view: InteractionView }): JSX.Element {
  return <ExternalText text={view.client.name} maxLength={80} />;
}

/** @spec MCP authorization, Localhost Redirect URI Risks */
export function ClientWarnings({ view }: { view: InteractionView }): JSX.Element {
  return (
    <>
      {view.client.origin === 'dynamic' ? (
        <Warning title="This name is not verified">
          <p>The app named itself. Nobody has checked who made it: go on only if you have just started it yourself.</p>
        </Warning>
      ) : null}
      {view.loopbackOnly ? (
        <Warning title="The answer goes to a program on this computer">
          <p>Any program that runs here could be the one that receives it.</p>
        </Warning>
      ) : null}
    </>
  );
}
