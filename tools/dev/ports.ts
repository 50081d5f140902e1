/** Ports on the loopback interface: free ones, and a clear word about one that is taken. */
import { type AddressInfo, createServer, type Server } from 'node:net';

function listen(port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject).listen(port, '127.0.0.1', () => {
      resolve(server);
    });
  });
}
const close = (server: Server): Promise<void> =>
  new Promise((resolve) =>
    server.close(() => {
      resolve();
    }),
  );

/** Different ones: all are held until the last is found. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const held = await Promise.all(Array.from({ length: count }, () => listen(0)));
  const ports = held.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(held.map(close));
  return ports;
}

export async function freePort(): Promise<number> {
  const [port] = await freePorts(1);
  return port ?? 0;
}

export interface NamedPort {
  /** The environment variable that moves it. */
  readonly variable: string;
  readonly port: number;
  readonly what: string;
}

/** @throws Error in words for people: which port, and which variable chooses another */
export function portFromEnvironment(variable: string, fallback: number): number {
  const text = process.env[variable]?.trim();
  if (!text) return fallback;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new Error(`${variable} must be a port, a number from 1 to 65535`);
  return port;
}

/** @throws Error naming every port that is taken */
export async function refuseTakenPorts(ports: readonly NamedPort[]): Promise<void> {
  const problems: string[] = [];
  for (const { variable, port, what } of ports) {
    const twin = ports.find((other) => other.port === port && other.variable < variable);
    if (twin) problems.push(`${variable} and ${twin.variable} both say ${String(port)}; they must differ.`);
    try {
      await close(await listen(port));
    } catch (error) {
      const { code = 'unknown error' } = error as NodeJS.ErrnoException;
      problems.push(
        `Port ${String(port)} for ${what} ${code === 'EADDRINUSE' ? 'is taken' : `cannot be used (${code})`}. ` +
          `Choose another: ${variable}=${String(port === 65_535 ? port - 1 : port + 1)} npm start`,
      );
    }
  }
  if (problems.length > 0) throw new Error(problems.join('\n'));
}
