/** Addresses: what counts as one network, what is this machine, what may be declared as a trusted proxy. */
import { isIP } from 'node:net';

/**
 * The key under which attempts from an address are counted. One household or server commonly has a whole IPv6 /64, so
 * counting single addresses would give an attacker 2^64 of them; an IPv4-mapped address is the IPv4 address.
 * Some proxies write the port behind it. An address that cannot be read counts as one network of its own.
 */
export function networkKey(peer: string): string {
  const known = keys.get(peer);
  if (known !== undefined) return known;
  const key = readNetworkKey(peer);
  if (keys.size >= MOST_KEYS) keys.clear();
  // A declared proxy passes on what it likes.
  if (peer.length <= LONGEST_ADDRESS) keys.set(peer, key);
  return key;
}

/** Of the last peers, for each request asks twice. Many addresses only empty it, and nothing longer than one is kept. */
const keys = new Map<string, string>();
const MOST_KEYS = 1000;
const LONGEST_ADDRESS = 64;

function readNetworkKey(peer: string): string {
  const [, v4, v6] = /^(?:([\d.]+):\d+|\[([\da-f:.]+)\](?::\d+)?)$/i.exec(peer) ?? [];
  const address = v4 ?? v6 ?? peer;
  const groups = ipv6Groups(address);
  if (!groups) return isIP(address) === 4 ? address : 'unknown';
  const mapped = mappedIpv4(groups);
  if (mapped !== undefined) return mapped;
  return `${groups
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(':')}::/64`;
}

/** A host name or address by which only this machine is reached. */
export function isLoopbackHost(host: string): boolean {
  const name = host.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  if (name === 'localhost') return true;
  if (isIP(name) === 4) return name.startsWith('127.');
  const groups = ipv6Groups(name);
  if (!groups) return false;
  const mapped = mappedIpv4(groups);
  if (mapped !== undefined) return mapped.startsWith('127.');
  return groups.slice(0, 7).every((group) => group === 0) && groups[7] === 1;
}

/** An address or a CIDR range, but none that covers everything: to trust everybody's headers is to trust nobody's. */
export function isNetwork(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/');
  const version = isIP(address);
  if (version === 0 || address.includes('%') || rest.length > 0) return false;
  if (bits === undefined) return true;
  return /^[1-9]\d{0,2}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128);
}

/** The eight groups of an IPv6 address; undefined for anything else. A zone is dropped: it names our own interface. */
function ipv6Groups(address: string): readonly number[] | undefined {
  const bare = address.split('%')[0] ?? '';
  if (isIP(bare) !== 6) return undefined;
  // A dotted tail stands for two groups.
  const plain = bare.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, a: string, b: string, c: string, d: string) =>
    [Number(a) * 256 + Number(b), Number(c) * 256 + Number(d)].map((group) => group.toString(16)).join(':'),
  );
  const [head = '', tail] = plain.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? [] : Array<string>(8 - left.length - right.length).fill('0');
  return [...left, ...zeros, ...right].map((group) => Number.parseInt(group, 16));
}

function mappedIpv4(groups: readonly number[]): string | undefined {
  if (!groups.slice(0, 5).every((group) => group === 0) || groups[5] !== 0xffff) return undefined;
  const [high = 0, low = 0] = groups.slice(6);
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}
