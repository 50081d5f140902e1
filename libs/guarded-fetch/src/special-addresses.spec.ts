import { describe, expect, it } from '@jest/globals';
import { isPublicAddress, isPublicName } from './special-addresses.js';

describe('isPublicAddress', () => {
  it.each([
    '0.0.0.0',
    '10.0.0.1',
    '100.64.0.1',
    '100.100.100.200',
    '127.0.0.1',
    '127.255.255.254',
    '168.63.129.16',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.0.0.192',
    '192.0.2.1',
    '192.88.99.1',
    '192.168.1.1',
    '198.18.0.1',
    '198.51.100.7',
    '203.0.113.9',
    '224.0.0.1',
    '255.255.255.255',
  ])('shuts out %s (AS-86, DP-04)', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  it.each([
    ['unspecified', '::'],
    ['loopback', '::1'],
    ['loopback, written out', '0:0:0:0:0:0:0:1'],
    ['mapped', '::ffff:10.0.0.1'],
    ['mapped public', '::ffff:93.184.215.14'],
    ['mapped, in hex', '::ffff:a9fe:a9fe'],
    ['compatible', '::127.0.0.1'],
    ['NAT64', '64:ff9b::10.0.0.1'],
    ['NAT64, local', '64:ff9b:1::a00:1'],
    ['discard', '100::1'],
    ['Teredo', '2001:0:4136:e378:8000:63bf:3fff:fdd2'],
    ['ORCHID', '2001:20::1'],
    ['benchmarking', '2001:2::1'],
    ['documentation', '2001:db8::1'],
    ['documentation, new', '3fff::1'],
    ['6to4 of 10.0.0.1', '2002:a00:1::1'],
    ['6to4 of a public address', '2002:5db8:d70e::1'],
    ['unique local', 'fc00::1'],
    ['metadata service', 'fd00:ec2::254'],
    ['link-local', 'fe80::1'],
    ['link-local with zone', 'fe80::1%eth0'],
    ['global with zone', '2606:4700::1111%eth0'],
    ['site-local', 'fec0::1'],
    ['multicast', 'ff02::1'],
    ['segment routing', '5f00::1'],
  ])('shuts out IPv6 %s (AS-86)', (_, address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  it.each(['93.184.215.14', '1.1.1.1', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '2a00:1450:4001::200e'])(
    'lets %s through',
    (address) => {
      expect(isPublicAddress(address)).toBe(true);
    },
  );

  it.each(['', 'localhost', '2130706433', '0x7f000001', '127.1'])('takes "%s" for no address at all', (text) => {
    expect(isPublicAddress(text)).toBe(false);
  });
});

describe('isPublicName', () => {
  it.each(['localhost', 'app.localhost', 'printer.local', 'metadata.google.internal', 'intranet', 'nas.home.arpa'])(
    'shuts out %s',
    (name) => {
      expect(isPublicName(name)).toBe(false);
    },
  );

  it.each(['claude.ai', 'internal.example.com', 'localhost.example.com'])('lets %s through', (name) => {
    expect(isPublicName(name)).toBe(true);
  });
});
