import type { ClientId } from '@gatehouse/protocol';

/** An id that claims to be a web address is read as one or refused; it is never looked up as an ordinary id. */
export function looksLikeUrl(id: string): boolean {
  return /^https?:/i.test(id);
}

/** Ids are columns of indexes, and stand in every log line. */
const LONGEST = 1000;

/**
 * Is this the id of a client that publishes a metadata document? An https URL with a path, written the way a parser would
 * write it: no user information, fragment, dot segments, capitals or other alphabets in the host. Two spellings of one
 * document would be two clients, and a spelling two parsers read differently would be whichever suits the attacker.
 * A query is accepted though it should not be there; a port may be.
 * @spec draft-ietf-oauth-client-id-metadata-document §3
 */
export function isClientIdUrl(id: string): id is ClientId {
  if (id.length > LONGEST || !/^[\x21-\x7e]+$/.test(id) || /[\\#"'<>^`{|}]/.test(id)) return false;
  const written = /^https:\/\/([^/?#:@[\]]+|\[[0-9a-f:.]+\])(?::(\d{1,5}))?(\/[^?]*)(?:\?.*)?$/.exec(id);
  if (!written || !URL.canParse(id)) return false;
  const [, host, port, path = ''] = written;
  const url = new URL(id);
  if (url.hostname !== host || host.endsWith('.') || url.username !== '' || url.password !== '') return false;
  if (port !== undefined && (/^0/.test(port) || Number(port) > 65_535)) return false;
  return !path.split('/').some((segment) => /^(\.|%2e){1,2}$/i.test(segment));
}
