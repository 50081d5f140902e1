/** Ready-made readers of variables. Each message completes the sentence "NAME …" and says how to write it right. */
import { statSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { z } from 'zod';
import { isNetwork } from '../network/network.js';

function text<T>(problem: string, read: (text: string) => T | undefined): z.ZodType<T> {
  return z.string({ error: problem }).transform((value, context) => {
    const result = read(value);
    if (result !== undefined) return result;
    context.addIssue({ code: 'custom', message: problem });
    return z.NEVER;
  });
}

function webUrl(value: string): URL | undefined {
  if (!/^https?:\/\/[\x21-\x7e]+$/.test(value) || !URL.canParse(value) || /[?#\\@]/.test(value)) return undefined;
  return new URL(value);
}

/**
 * Kept as written, for it is compared byte by byte everywhere; so it must be written as a URL parser would write it.
 * @spec RFC 8414 §2
 */
export const issuerUrl = text(
  'must be an http(s) URL in lower case without query, fragment and slash at the end, such as https://auth.example.com',
  (value) => {
    const url = webUrl(value);
    if (!url) return undefined;
    const written = url.pathname === '/' ? url.origin : url.origin + url.pathname;
    return written === value && !value.endsWith('/') ? value : undefined;
  },
);

export const originUrl = text(
  'must be an origin: scheme, host and port without a path, such as https://tools.example.com',
  (value) => (webUrl(value)?.origin === value ? value : undefined),
);

/** An address with credentials in it: declare the setting as secret. */
export function connectionUrl(schemes: readonly string[]): z.ZodType<string> {
  return text(`must be a URL that begins with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`, (value) =>
    URL.canParse(value) && schemes.includes(new URL(value).protocol.slice(0, -1)) ? value : undefined,
  );
}

export function count(range: { readonly min: number; readonly max: number }): z.ZodType<number> {
  return text(`must be a whole number from ${range.min} to ${range.max}`, (value) => {
    const number = /^\d{1,15}$/.test(value) ? Number(value) : NaN;
    return number >= range.min && number <= range.max ? number : undefined;
  });
}

/** 0 lets the system choose a free one. */
export const port = count({ min: 0, max: 65_535 });

export function seconds(range: { readonly min?: number; readonly max?: number } = {}): z.ZodType<number> {
  const { min = 1, max = 10 * 365 * 86_400 } = range;
  return text(`must be a whole number of seconds from ${min} to ${max}`, (value) => {
    const number = /^\d{1,15}$/.test(value) ? Number(value) : NaN;
    return number >= min && number <= max ? number : undefined;
  });
}

/** At most `limit` in `window` seconds. */
export interface RateLimit {
  readonly limit: number;
  readonly window: number;
}

export const rateLimit: z.ZodType<RateLimit> = text(
  'must be written count/seconds, such as 10/900, both at least 1',
  (value) => {
    const match = /^(\d{1,9})\/(\d{1,7})$/.exec(value);
    const limit = Number(match?.[1] ?? 0);
    const window = Number(match?.[2] ?? 0);
    return limit >= 1 && window >= 1 ? { limit, window } : undefined;
  },
);

export const hostName = text('must be an IP address or a host name without a port', (value) =>
  /^[A-Za-z0-9.:_-]{1,253}$/.test(value) && !/^[^:]*:[^:]*$/.test(value) ? value : undefined,
);

/** Comma-separated; blanks around an item are ignored, an empty item is not accepted. */
export function list<T>(item: z.ZodType<T>): z.ZodType<readonly T[]> {
  return z.string().transform((value, context) => {
    const items: T[] = [];
    for (const part of value.split(',')) {
      const result = item.safeParse(part.trim());
      if (result.success) items.push(result.data);
      else {
        const message = result.error.issues[0]?.message ?? 'is not valid';
        context.addIssue({ code: 'custom', message: `(comma-separated list) ${message}` });
        return z.NEVER;
      }
    }
    return items;
  });
}

export const networks: z.ZodType<readonly string[]> = list(
  text('must be IP addresses or CIDR ranges, none of which covers every address', (value) =>
    isNetwork(value) ? value : undefined,
  ),
);

/** A scheme of private-use redirect URIs, such as com.example.app. */
export const uriScheme = text('must be a URI scheme in lower case without colon', (value) =>
  /^[a-z][a-z0-9+.-]{0,63}$/.test(value) ? value : undefined,
);

/** An existing file; the path comes out absolute. */
export const filePath = text('must be the path of a file that exists', (value) => {
  const path = isAbsolute(value) ? value : resolve(value);
  return statSync(path, { throwIfNoEntry: false })?.isFile() ? path : undefined;
});

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];
export const logLevel = oneOf(LOG_LEVELS);

export function oneOf<const T extends readonly string[]>(values: T): z.ZodType<T[number]> {
  return text(`must be one of ${values.join(', ')}`, (value) => values.find((known) => known === value));
}

export const onOff = text('must be on or off', (value) =>
  value === 'on' ? true : value === 'off' ? false : undefined,
);
