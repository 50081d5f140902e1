/**
 * Distinguished names as far as we need them: is one below another, and what is it called. A group is taken for what it is called
 * only below the base that the operator named: elsewhere somebody else may be allowed to make one of the same name.
 * @spec RFC 4514
 */

/** Its parts from the lowest, as attribute and value, unescaped; undefined for what cannot be read for sure. */
export function partsOf(dn: string): readonly (readonly [string, string])[] | undefined {
  const parts: (readonly [string, string])[] = [];
  for (const part of splitUnescaped(dn)) {
    const [, name, value] = /^\s*([A-Za-z][A-Za-z0-9.-]*|\d+(?:\.\d+)*)\s*=\s*(.*?)(?<!\\)\s*$/s.exec(part) ?? [];
    // Several attributes in one part, and values in hex, are rare enough to be refused.
    if (name === undefined || value === undefined || /^#|(?<!\\)(?:\\\\)*[+"<>;]/.test(value)) return undefined;
    const plain = unescaped(value);
    if (plain === undefined || plain === '') return undefined;
    parts.push([name.toLowerCase(), plain]);
  }
  return parts.length === 0 ? undefined : parts;
}

/** Is `dn` an entry under `base`? Attribute types of a DN compare without case; so do the values of those in use here. */
export function isBelow(dn: string, base: string): boolean {
  const [lower, upper] = [partsOf(dn), partsOf(base)];
  if (!lower || !upper || lower.length <= upper.length) return false;
  return upper.every(([name, value], nth) => {
    const [otherName, otherValue] = lower[lower.length - upper.length + nth] ?? [];
    return name === otherName && value.toLowerCase() === otherValue?.toLowerCase();
  });
}

function splitUnescaped(dn: string): readonly string[] {
  const parts: string[] = [];
  let part = '';
  for (let at = 0; at < dn.length; at += 1) {
    const character = dn.charAt(at);
    if (character === '\\') {
      part += character + dn.charAt(at + 1);
      at += 1;
    } else if (character === ',') {
      parts.push(part);
      part = '';
    } else part += character;
  }
  return [...parts, part];
}

/** `\2C` is a byte in hex, `\,` the character itself. */
function unescaped(value: string): string | undefined {
  const bytes: Buffer[] = [];
  for (let at = 0; at < value.length; at += 1) {
    if (value.charAt(at) !== '\\') {
      const point = value.codePointAt(at) ?? 0;
      const character = String.fromCodePoint(point);
      bytes.push(Buffer.from(character));
      at += character.length - 1;
      continue;
    }
    const pair = value.slice(at + 1, at + 3);
    if (/^[0-9a-f]{2}$/i.test(pair)) {
      bytes.push(Buffer.from(pair, 'hex'));
      at += 2;
    } else if (pair !== '') {
      bytes.push(Buffer.from(pair.charAt(0)));
      at += 1;
    } else return undefined;
  }
  const text = Buffer.concat(bytes).toString('utf8');
  return text.includes('\uFFFD') ? undefined : text;
}
