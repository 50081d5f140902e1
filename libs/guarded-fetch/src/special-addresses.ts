/**
 * Which addresses belong to somebody on the open internet. Everything else is ours, our neighbour's or the cloud's: what
 * a stranger's URL must never make this server talk to.
 * @spec RFC 6890 §2.2; IANA IPv4 and IPv6 Special-Purpose Address Registries
 */
import { BlockList, isIPv4, isIPv6 } from 'node:net';

const IPV4_SPECIAL = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.31.196.0', 24],
  ['192.52.193.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['192.175.48.0', 24],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
  // In no registry, yet it answers only inside a cloud: the host's own agent of Azure.
  ['168.63.129.16', 32],
] as const;

/**
 * Of IPv6 only global unicast is open at all: that alone shuts out loopback, link-local, unique local, mapped, compatible
 * and NAT64 forms. In it, these carry an IPv4 address inside (Teredo, 6to4), or nobody's.
 */
const IPV6_GLOBAL = ['2000::', 3] as const;
const IPV6_SPECIAL = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['2620:4f:8000::', 48],
  ['3fff::', 20],
] as const;

const specialIpv4 = new BlockList();
for (const [address, bits] of IPV4_SPECIAL) specialIpv4.addSubnet(address, bits, 'ipv4');
const globalIpv6 = new BlockList();
globalIpv6.addSubnet(...IPV6_GLOBAL, 'ipv6');
const specialIpv6 = new BlockList();
for (const [address, bits] of IPV6_SPECIAL) specialIpv6.addSubnet(address, bits, 'ipv6');

/** Fails closed: what is no plain address is not public. */
export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !specialIpv4.check(address, 'ipv4');
  // A zone names an interface of ours.
  if (!isIPv6(address) || address.includes('%')) return false;
  return globalIpv6.check(address, 'ipv6') && !specialIpv6.check(address, 'ipv6');
}

/** What companies number their own networks with. Not this machine, nor where clouds keep their credentials. */
const PRIVATE = [
  ['10.0.0.0', 8, 'ipv4'],
  ['100.64.0.0', 10, 'ipv4'],
  ['172.16.0.0', 12, 'ipv4'],
  ['192.168.0.0', 16, 'ipv4'],
  ['fc00::', 7, 'ipv6'],
] as const;
/** In it, yet no company's: metadata services of clouds. */
const NOT_PRIVATE = [
  ['100.100.100.200', 32, 'ipv4'],
  ['fd00:ec2::254', 128, 'ipv6'],
] as const;
const privateNetworks = new BlockList();
for (const [address, bits, family] of PRIVATE) privateNetworks.addSubnet(address, bits, family);
const notPrivate = new BlockList();
for (const [address, bits, family] of NOT_PRIVATE) notPrivate.addSubnet(address, bits, family);

/** Public, or of a company's own network: for what an operator declared to be there. */
export function isInternalAddress(address: string): boolean {
  if (isPublicAddress(address)) return true;
  // A zone names an interface of ours; a mapped form is another spelling of what is listed.
  if (address.includes('%') || address.startsWith('::')) return false;
  const family = isIPv4(address) ? 'ipv4' : isIPv6(address) ? 'ipv6' : undefined;
  return family !== undefined && privateNetworks.check(address, family) && !notPrivate.check(address, family);
}

/** Names that mean this machine or this network wherever they are asked. @spec RFC 6761 §6; RFC 6762 §3; RFC 8375 §4 */
const LOCAL_NAMES = ['localhost', 'local', 'internal', 'intranet', 'lan', 'home.arpa', 'in-addr.arpa', 'ip6.arpa'];

/** A single label is looked up in the search domains of this network, so it is local too. */
export function isPublicName(host: string): boolean {
  const labels = host.split('.');
  if (labels.length < 2) return false;
  return !LOCAL_NAMES.some((local) => host === local || host.endsWith(`.${local}`));
}
