import { describe, expect, it } from '@jest/globals';
import { fetchTarget } from './fetch-url.js';

describe('fetchTarget', () => {
  it.each([
    'http://app.example.com/client.json',
    'ftp://app.example.com/client.json',
    'https:/app.example.com/client.json',
    'https://user@app.example.com/client.json',
    'https://user:secret@app.example.com/client.json',
    'https://app.example.com/client.json#me',
    'https://app.example.com\\@10.0.0.1/client.json',
    'https://APP.example.com/client.json',
    'https://app.example.com./client.json',
    'https://app.example.com:0/client.json',
    'https://app.example.com:99999/client.json',
    'https://bücher.example.com/client.json',
    'https://app.example.com/a b',
    'https://%61pp.example.com/client.json',
    'javascript:alert(1)',
    '',
  ])('refuses %s (AS-86)', (url) => {
    expect(fetchTarget(url, false)).toBe('forbidden_url');
  });

  it.each([
    'https://127.0.0.1/x',
    'https://127.1/x',
    'https://2130706433/x',
    'https://0x7f000001/x',
    'https://0x7f.0.0.1/x',
    'https://0177.0.0.1/x',
    'https://017700000001/x',
    'https://0251.0376.0251.0376/x',
    'https://169.254.169.254/latest/meta-data',
    'https://10.0.0.1/x',
    'https://[::1]/x',
    'https://[::ffff:10.0.0.1]/x',
    'https://[::ffff:a00:1]/x',
    'https://[64:ff9b::a00:1]/x',
    'https://[2002:a00:1::1]/x',
    'https://[fe80::1]/x',
    'https://localhost/x',
    'https://LOCALHOST/x',
    'https://localhost./x',
    'https://app.localhost/x',
    'https://metadata.google.internal/x',
    'https://intranet/x',
  ])('goes nowhere near %s, whatever name servers say (AS-86)', (url) => {
    expect(fetchTarget(url, false)).toBe('forbidden_address');
  });

  it('takes https URLs as they are, with port and query', () => {
    expect(fetchTarget('https://app.example.com:8443/client.json?v=1', false)).toMatchObject({
      host: 'app.example.com',
      port: 8443,
      secure: true,
      loopback: false,
    });
    expect(fetchTarget('https://app.example.com:443/x', false)).toMatchObject({ port: 443 });
    expect(fetchTarget('https://[2606:4700::1111]/x', false)).toMatchObject({ host: '2606:4700::1111' });
  });

  it('opens this machine, and nothing else, to the development switch', () => {
    expect(fetchTarget('http://127.0.0.1:8080/x', true)).toMatchObject({ loopback: true, secure: false });
    expect(fetchTarget('https://localhost:8443/x', true)).toMatchObject({ loopback: true });
    expect(fetchTarget('https://10.0.0.1/x', true)).toBe('forbidden_address');
    expect(fetchTarget('https://127.1/x', true)).toBe('forbidden_address');
    expect(fetchTarget('http://app.example.com/x', true)).toBe('forbidden_url');
  });
});
