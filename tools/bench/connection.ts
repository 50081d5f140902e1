/**
 * One kept-alive HTTP/1.1 connection that carries one request at a time. By hand, because a full client costs more than the
 * servers that are measured, and then it is the client that is measured.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface Answer {
  readonly status: number;
  /** As it came, lines ending in CRLF. */
  readonly head: string;
  readonly body: string;
}

const END = '\r\n\r\n';

export class Connection {
  readonly #socket: Socket;
  readonly #host: string;
  #text = '';
  #settle: { readonly resolve: (answer: Answer) => void; readonly reject: (error: Error) => void } | undefined;

  private constructor(socket: Socket, host: string) {
    this.#socket = socket;
    this.#host = host;
    socket.setNoDelay(true).setEncoding('latin1');
    socket.on('data', (text: string) => {
      this.#text += text;
      this.#read();
    });
    const lost = (error?: Error): void => {
      this.#settle?.reject(error ?? new Error('the server closed the connection'));
      this.#settle = undefined;
    };
    socket.on('error', lost).on('close', () => {
      lost();
    });
  }

  static async open(origin: string): Promise<Connection> {
    const { hostname, port, host } = new URL(origin);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    return new Connection(socket, host);
  }

  get(path: string, headers = ''): Promise<Answer> {
    return this.#send(`GET ${path} HTTP/1.1\r\nhost: ${this.#host}\r\n${headers}\r\n`);
  }

  post(path: string, form: string, headers = ''): Promise<Answer> {
    return this.#send(
      `POST ${path} HTTP/1.1\r\nhost: ${this.#host}\r\ncontent-type: application/x-www-form-urlencoded\r\n` +
        `content-length: ${String(Buffer.byteLength(form))}\r\n${headers}\r\n${form}`,
    );
  }

  close(): void {
    this.#socket.destroy();
  }

  #send(request: string): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
      this.#socket.write(request);
    });
  }

  #read(): void {
    const end = this.#text.indexOf(END);
    if (end < 0) return;
    const head = this.#text.slice(0, end + 2);
    const length = Number(headerOf(head, 'content-length') ?? (/^HTTP\/1\.1 204/.test(head) ? 0 : Number.NaN));
    if (Number.isNaN(length)) {
      this.#settle?.reject(new Error(`an answer without length: ${head}`));
      return;
    }
    const start = end + END.length;
    if (this.#text.length < start + length) return;
    const body = this.#text.slice(start, start + length);
    this.#text = this.#text.slice(start + length);
    const settle = this.#settle;
    this.#settle = undefined;
    settle?.resolve({ status: Number(head.slice(9, 12)), head, body });
  }
}

export function headerOf(head: string, name: string): string | undefined {
  return new RegExp(`^${name}: *([^\\r]*)`, 'im').exec(head)?.[1];
}

/** The cookies an answer sets, as a browser sends them back. */
export function cookiesOf(head: string): ReadonlyMap<string, string> {
  return new Map(
    [...head.matchAll(/^set-cookie: *([^=;]+)=([^;\r]*)/gim)].map(([, name = '', value = '']) => [name, value]),
  );
}
