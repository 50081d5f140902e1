/**
 * Whether `htu` of a proof names `url`. Spellings that every URL library writes for one address are one: case of scheme and
 * host, the default port, dot segments, needless percent-encoding. Query and fragment do not count. A name with user info
 * is none of ours.
 * @spec RFC 9449 §4.3 (9); RFC 3986 §6.2.2, §6.2.3
 */
export function namesUrl(htu: string, url: string): boolean {
  const claimed = normalised(htu);
  return claimed !== undefined && claimed === normalised(url);
}

const LONGEST = 2048;
const UNRESERVED = /[A-Za-z0-9\-._~]/;

function normalised(text: string): string | undefined {
  // The parser would repair white space and backslashes; nobody who means us writes them.
  if (text.length > LONGEST || !/^https?:\/\/[\x21\x23-\x5b\x5d-\x7e]+$/i.test(text) || !URL.canParse(text))
    return undefined;
  const { protocol, host, pathname, username, password } = new URL(text);
  if (username !== '' || password !== '') return undefined;
  const path = pathname.replace(/%[0-9a-f]{2}/gi, (code) => {
    const character = String.fromCharCode(Number.parseInt(code.slice(1), 16));
    return UNRESERVED.test(character) ? character : code.toUpperCase();
  });
  return `${protocol}//${host}${path}`;
}
