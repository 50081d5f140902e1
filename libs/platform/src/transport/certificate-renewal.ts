import { statSync } from 'node:fs';
import type { Server } from 'node:tls';
import type { EventLogger } from '../logger/event-logger.js';
import { loadTls, type TlsFiles } from './transport.js';

/** Milliseconds. Whoever renews certificates does so days before the old one ends. */
const LOOK_EVERY = 10_000;

/**
 * Takes renewed certificates into use without a restart: new connections get them, old ones stay. Files that do not fit
 * together, because one of them has not been written yet or is broken, change nothing; they are tried again.
 * @returns what ends it
 */
export function followCertificates(
  server: Server,
  { from }: TlsFiles,
  logger: EventLogger,
  every = LOOK_EVERY,
): () => void {
  let inUse = versionOf(from);
  let refused: string | undefined;
  const look = (): void => {
    const version = versionOf(from);
    if (version === inUse) return;
    try {
      const { cert, key, minVersion } = loadTls(from) as TlsFiles;
      server.setSecureContext({ cert, key, minVersion });
      inUse = version;
      logger.event('certificate.renewed');
    } catch (error) {
      // Once for each state of the files: between two writes is no trouble worth a line every time.
      if (version !== refused) logger.warning('certificate.unusable', {}, error);
      refused = version;
    }
  };
  const timer = setInterval(look, every).unref();
  return () => {
    clearInterval(timer);
  };
}

/** Changes with either file; a file that is gone for a moment is a state of its own. */
function versionOf(from: TlsFiles['from']): string {
  return [from.tlsCertFile, from.tlsKeyFile]
    .map((path) => {
      const found = statSync(path, { throwIfNoEntry: false });
      return found ? `${String(found.mtimeMs)} ${String(found.ino)} ${String(found.size)}` : 'gone';
    })
    .join();
}
