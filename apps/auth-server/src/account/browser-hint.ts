/**
 * With what somebody signed in, for them to recognise it: fixed words, found in what the browser says of itself. Anybody can say
 * anything there, so nothing of it is kept or shown.
 */
const BROWSERS = [
  [/\bEdg(?:e|A|iOS)?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bFirefox\/|\bFxiOS\//, 'Firefox'],
  [/\bChrom(?:e|ium)\/|\bCriOS\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
] as const;
const SYSTEMS = [
  [/\bAndroid\b/, 'Android'],
  [/\biPhone\b|\biPad\b/, 'iOS'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b/, 'macOS'],
  [/\bLinux\b/, 'Linux'],
] as const;

export function browserHint(userAgent: string | undefined): string {
  const text = (userAgent ?? '').slice(0, 512);
  const of = (words: typeof BROWSERS | typeof SYSTEMS): string | undefined =>
    words.find(([pattern]) => pattern.test(text))?.[1];
  const [browser = 'Unknown browser', system] = [of(BROWSERS), of(SYSTEMS)];
  return system === undefined ? browser : `${browser} on ${system}`;
}
