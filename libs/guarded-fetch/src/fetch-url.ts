/**
 * What of a URL may be fetched at all, before any name is looked up. The host must stand as a parser would write it: a
 * spelling such as 0x7f.1, 2130706433 or 127.1 is one thing to whoever reviews it and another to whoever connects.
 */
import { isIP } from 'node:net';
import { isInternalAddress, isPublicAddress, isPublicName } from './special-addresses.js';

export interface FetchTarget {
  readonly url: URL;
  /** Name or address to look up; without the brackets of an IPv6 address. */
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
  /** This machine, which only the development switch opens. */
  readonly loopback: boolean;
}

/** `forbidden_url`: not an https URL of the plain sort; `forbidden_address`: one that leads to where nothing is fetched from. */
export type UrlProblem = 'forbidden_url' | 'forbidden_address';

export function fetchTarget(text: string, loopbackAllowed: boolean, internal = false): FetchTarget | UrlProblem {
  // The authority as written, so that no parser had a chance to correct it.
  const written = /^(https?):\/\/(\[[0-9a-f:.]+\]|[^/?#:@[\]]+)(?::(\d{1,5}))?(?=[/?]|$)[\x21-\x7e]*$/.exec(text);
  if (!written || /[\\#]/.test(text) || !URL.canParse(text)) return 'forbidden_url';
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') return 'forbidden_url';
  if (url.hostname !== written[2] || url.hostname.endsWith('.'))
    return isLocalSpelling(url) ? 'forbidden_address' : 'forbidden_url';

  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const secure = url.protocol === 'https:';
  const port = Number(written[3] ?? (secure ? 443 : 80));
  if (port === 0 || port > 65_535) return 'forbidden_url';
  const loopback = isLoopback(host);
  if (loopback && loopbackAllowed) return { url, host, port, secure, loopback };
  if (!secure) return 'forbidden_url';
  const open = internal
    ? isIP(host) === 0 || isInternalAddress(host)
    : isIP(host) === 0
      ? isPublicName(host)
      : isPublicAddress(host);
  return open ? { url, host, port, secure, loopback: false } : 'forbidden_address';
}

/** Addresses that the development switch opens: this machine, in its three plain spellings. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '127.0.0.1' || host === '::1';
}

function isLocalSpelling({ hostname }: URL): boolean {
  const host = hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
  return isIP(host) === 0 ? !isPublicName(host) : !isPublicAddress(host);
}
