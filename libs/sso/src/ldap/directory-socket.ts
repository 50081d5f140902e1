/**
 * A connection to a directory over which anything may be said: resolved once, to addresses that are allowed, inside TLS with a
 * certificate for the name. The LDAP library gets it ready made and cannot open another one, for two reasons that are both
 * attacks by whoever sits on the line: after StartTLS it would connect again in plain text when the connection is cut;
 * and it would keep what came before TLS and read it as the beginning of what comes inside.
 * @spec RFC 4511 §4.14; RFC 4513 §3.1
 */
import { lookup } from 'node:dns/promises';
import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';

export interface DirectoryAddress {
  readonly url: string;
  readonly startTls: boolean;
  readonly ca?: string;
  /** Whether this address may be connected to at all. */
  readonly permits: (address: string) => boolean;
}

const ADDRESSES = 3;
/** ExtendedRequest 1.3.6.1.4.1.1466.20037 with message id 1. */
const START_TLS = Buffer.concat([
  Buffer.from('301d02010177188016', 'hex'),
  Buffer.from('1.3.6.1.4.1.1466.20037', 'latin1'),
]);
const LONGEST_ANSWER = 4_096;

/** @param signal ends it, whatever it has come to @throws Error for the log */
export async function directorySocket(directory: DirectoryAddress, signal: AbortSignal): Promise<TLSSocket> {
  const { hostname, port, protocol } = new URL(directory.url);
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const number = port === '' ? (protocol === 'ldaps:' ? 636 : 389) : Number(port);
  const addresses = isIP(host) === 0 ? await orAborted(lookup(host, { all: true }), signal) : [{ address: host }];
  // All of them, not those that happen to be allowed: a name with one wrong address is a wrong name.
  if (addresses.length === 0 || !addresses.every(({ address }) => directory.permits(address)))
    throw new Error('the directory is at an address that is not allowed');
  let problem: unknown;
  for (const { address } of addresses.slice(0, ADDRESSES)) {
    try {
      return await secured(await connected(address, number, signal), host, directory, signal);
    } catch (error) {
      problem = error;
      if (signal.aborted) break;
    }
  }
  throw new Error('no connection to the directory', { cause: problem });
}

function connected(address: string, port: number, signal: AbortSignal): Promise<Socket> {
  const socket = connect({ host: address, port, signal });
  return settled(socket, 'connect').then(() => socket);
}

async function secured(
  plain: Socket,
  host: string,
  directory: DirectoryAddress,
  signal: AbortSignal,
): Promise<TLSSocket> {
  try {
    if (directory.startTls) await startTls(plain);
    const secure = connectTls({
      socket: plain,
      host,
      ...(isIP(host) === 0 ? { servername: host } : {}),
      ...(directory.ca === undefined ? {} : { ca: directory.ca }),
      minVersion: 'TLSv1.2',
      rejectUnauthorized: true,
    });
    signal.addEventListener('abort', () => secure.destroy(), { once: true });
    await settled(secure, 'secureConnect');
    return secure;
  } catch (error) {
    plain.destroy();
    throw error;
  }
}

/** Exactly one answer, exactly "success", and not a byte behind it. */
async function startTls(plain: Socket): Promise<void> {
  plain.write(START_TLS);
  let answer = Buffer.alloc(0);
  for await (const chunk of plain.iterator({ destroyOnReturn: false })) {
    answer = Buffer.concat([answer, chunk as Buffer]);
    const length = messageLength(answer);
    if (answer.length > LONGEST_ANSWER || (length !== undefined && answer.length > length))
      throw new Error('more than an answer before TLS');
    if (answer.length === length) break;
  }
  if (!isSuccess(answer)) throw new Error('the directory does not begin TLS');
}

/** Of the whole BER message; undefined while that cannot be told. */
function messageLength(bytes: Buffer): number | undefined {
  const [tag, first] = bytes;
  if (tag === undefined || first === undefined) return undefined;
  if (tag !== 0x30) return 0;
  if (first < 0x80) return 2 + first;
  const count = first & 0x7f;
  if (count === 0 || count > 4) return 0;
  return bytes.length < 2 + count ? undefined : 2 + count + bytes.readUIntBE(2, count);
}

/** LDAPMessage { messageID 1, ExtendedResponse { resultCode success, … } } */
function isSuccess(bytes: Buffer): boolean {
  const first = bytes[1] ?? 0;
  const body = bytes.subarray(2 + (first < 0x80 ? 0 : first & 0x7f));
  if (body.subarray(0, 4).toString('hex') !== '02010178') return false;
  const length = body[4] ?? 0;
  const result = body.subarray(5 + (length < 0x80 ? 0 : length & 0x7f));
  return result.subarray(0, 3).toString('hex') === '0a0100';
}

function settled(socket: Socket, event: 'connect' | 'secureConnect'): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error?: Error): void => {
      socket.destroy();
      reject(error ?? new Error('the connection was closed'));
    };
    const closed = (): void => {
      fail();
    };
    socket.once('error', fail);
    socket.once('close', closed);
    socket.once(event, () => {
      socket.off('error', fail);
      socket.off('close', closed);
      // Until the library listens; a socket nobody listens to ends the process when it fails.
      socket.on('error', () => undefined);
      resolve();
    });
  });
}

/** The work goes on by itself; nobody waits for it. */
export function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      reject(new Error('too slow'));
    };
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => {
      signal.removeEventListener('abort', abort);
    });
  });
}
