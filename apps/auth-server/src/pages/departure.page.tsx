import { Document, Heading, type RenderedPage, renderPage } from '@gatehouse/pages';

/**
 * A page between ours and the provider's. A redirect in answer to a form would have to be allowed by the policy of the page with
 * the form, for an origin that is known only once the provider was asked; here the browser goes on by itself.
 */
export function departurePage({ name, location }: { readonly name: string; readonly location: string }): RenderedPage {
  const { html, headers } = renderPage(
    <Document title={`On to ${name}`}>
      <Heading>On to {name}</Heading>
      <p>
        You sign in there, and come back here. If nothing happens, <a href={location}>continue to {name}</a>.
      </p>
    </Document>,
  );
  return { html, headers: { ...headers, refresh: `0; url=${location}` } };
}
