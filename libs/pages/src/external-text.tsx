import type { JSX } from 'preact';

const INVISIBLE =
  /[\p{Cc}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Bidi_Control}\u00ad\u115f\u1160\u180e\u200b\u2060-\u2064\u3164\ufeff\uffa0\u{e0000}-\u{e007f}]/gu;

/**
 * A text that somebody else chose: a client's name, a person's name. Isolated, so that right-to-left text in it does not
 * turn our words around; characters that hide or reorder are shown as a replacement mark; of a long one the beginning.
 */
export function ExternalText({ text, maxLength = 120 }: { text: string; maxLength?: number }): JSX.Element {
  return <bdi>{visible(text, maxLength)}</bdi>;
}

export function visible(text: string, maxLength: number): string {
  const calm = text
    .toWellFormed()
    .replace(INVISIBLE, '\ufffd')
    .replace(/\s+/g, ' ')
    .trim()
    // Marks heaped on one letter would grow over the lines above and below.
    .replace(/(\p{M}{4})\p{M}+/gu, '$1');
  const characters = Array.from(calm);
  return characters.length > maxLength ? `${characters.slice(0, maxLength - 1).join('')}…` : calm;
}
