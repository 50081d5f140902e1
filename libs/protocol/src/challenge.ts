/** One `WWW-Authenticate` value; each attribute once, in the order given. @spec RFC 9110 §11.6.1; RFC 6750 §3 */
export function challenge(
  scheme: 'Bearer' | 'Basic' | 'DPoP',
  attributes: Readonly<Record<string, string | undefined>>,
): string {
  const parts = Object.entries(attributes).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}="${quotable(value)}"`],
  );
  return parts.length === 0 ? scheme : `${scheme} ${parts.join(', ')}`;
}

/** Printable ASCII without quote and backslash, so that nothing needs an escape that some client does not know. */
function quotable(value: string): string {
  return value.replace(/[^\x20\x21\x23-\x5b\x5d-\x7e]/g, '');
}
