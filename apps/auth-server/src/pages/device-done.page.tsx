import { Document, Heading, type RenderedPage, renderPage } from '@gatehouse/pages';

/** The end of a journey that leads back to a device, not to an address. Says nothing of whose: anybody may look at it. */
export function deviceDonePage({ approved }: { readonly approved: boolean }): RenderedPage {
  return approved
    ? renderPage(
        <Document title="Your device is connected">
          <Heading>Your device is connected</Heading>
          <p>Go back to your device; it goes on by itself in a few seconds. You can close this page.</p>
        </Document>,
      )
    : renderPage(
        <Document title="Nothing was connected">
          <Heading>Nothing was connected</Heading>
          <p>The device was told that access was refused. You can close this page.</p>
        </Document>,
      );
}
