import type { ComponentChildren, JSX } from 'preact';
import { STYLE } from './style.js';

interface DocumentProps {
  /** Says what the page is for, and first of all if something went wrong: screen readers begin with it. */
  title: string;
  /** Whose server this is. */
  product?: string;
  lang?: string;
  children: ComponentChildren;
}

/** The whole page. No script, no image, no font: nothing is requested, from us or from anybody else. */
export function Document({ title, product = 'Gatehouse', lang = 'en', children }: DocumentProps): JSX.Element {
  return (
    <html lang={lang}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>{`${title} – ${product}`}</title>
        {/* Our own constant; the policy allows exactly this text. */}
        <style dangerouslySetInnerHTML={{ __html: STYLE }} />
      </head>
      <body>
        <header>{product}</header>
        <main>{children}</main>
      </body>
    </html>
  );
}

export function Heading({ children }: { children: ComponentChildren }): JSX.Element {
  return <h1>{children}</h1>;
}

export function Subheading({ children }: { children: ComponentChildren }): JSX.Element {
  return <h2>{children}</h2>;
}
