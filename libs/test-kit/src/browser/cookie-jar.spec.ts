import { describe, expect, it } from '@jest/globals';
import { CookieJar } from './cookie-jar.js';

const url = 'http://127.0.0.1:4000/authorize';

describe('CookieJar', () => {
  it('keeps cookies by host, whatever the port', () => {
    const jar = new CookieJar();
    jar.store(url, ['a=1; Path=/; HttpOnly; SameSite=Lax', 'b=2; Path=/interaction']);
    expect(jar.header('http://127.0.0.1:4001/')).toBe('a=1');
    expect(jar.header('http://127.0.0.1:4000/interaction/7')).toBe('a=1; b=2');
    expect(jar.header('http://localhost:4000/')).toBeUndefined();
  });

  it('replaces and removes', () => {
    const jar = new CookieJar();
    jar.store(url, ['a=1; Path=/']);
    jar.store(url, ['a=2; Path=/']);
    expect(jar.header(url)).toBe('a=2');
    jar.store(url, ['a=; Path=/; Max-Age=0']);
    expect(jar.header(url)).toBeUndefined();
  });

  it.each(['a=1; Secure', '__Host-a=1; Path=/', 'a=1; Domain=example.com', 'nonsense'])(
    'refuses what a browser would drop: %s',
    (line) => {
      expect(() => {
        new CookieJar().store(url, [line]);
      }).toThrow();
    },
  );

  it('sends Secure cookies over https only', () => {
    const jar = new CookieJar();
    jar.store('https://as.example/', ['__Host-a=1; Path=/; Secure']);
    expect(jar.header('https://as.example/x')).toBe('__Host-a=1');
    expect(jar.header('http://as.example/x')).toBeUndefined();
  });
});
