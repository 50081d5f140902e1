/**
 * What PostgreSQL writes in nearly every row, read without regular expressions: instants and arrays of plain texts. Anything
 * that does not look exactly like that is left to the driver's own parser, so this can be fast but never read otherwise.
 */
import pg from 'pg';

/** As the driver has it; its types know the numbers of single values only, and none of arrays. */
interface TypeParsers {
  getTypeParser(oid: number, format: 'text'): (text: string) => unknown;
  setTypeParser(oid: number, format: 'text', read: (text: string) => unknown): void;
}

const TIMESTAMPTZ = 1184;
const TEXT_ARRAY = 1009;
const driver = pg.types as unknown as TypeParsers;
/** The driver's own. */
export const readAnyInstant = driver.getTypeParser(TIMESTAMPTZ, 'text');
export const readAnyTexts = driver.getTypeParser(TEXT_ARRAY, 'text');

/** `2026-01-02 03:04:05.678901+00`; the driver too drops what is smaller than a millisecond. */
export function readInstant(text: string): unknown {
  if (text.length > 29 || text.length < 22 || text[4] !== '-' || text[10] !== ' ' || !text.endsWith('+00'))
    return readAnyInstant(text);
  const instant = new Date(`${text.slice(0, 10)}T${text.slice(11, -3)}Z`);
  return Number.isNaN(instant.getTime()) ? readAnyInstant(text) : instant;
}

/** `{a,b}`: where an element is quoted or NULL, or is an array itself, there is a sign of it. */
export function readTexts(text: string): unknown {
  if (text === '{}') return [];
  const plain = text.startsWith('{') && text.endsWith('}') && text.lastIndexOf('{') === 0;
  if (!plain || text.includes('"') || text.includes('\\') || /null/i.test(text)) return readAnyTexts(text);
  return text.slice(1, -1).split(',');
}

/** For one connection; the driver's defaults stay as they are for everybody else. */
export function readFast(client: pg.ClientBase): void {
  const parsers = client as unknown as TypeParsers;
  parsers.setTypeParser(TIMESTAMPTZ, 'text', readInstant);
  parsers.setTypeParser(TEXT_ARRAY, 'text', readTexts);
}
