/**
 * Loaded before a program that talks to the deployment of docker/compose.yaml: names below `localhost` are this machine.
 * Browsers know that, the C library of many systems does not. @spec RFC 6761 §6.3
 */
import dns from 'node:dns';

const { lookup } = dns;

dns.lookup = ((hostname: string, options: unknown, callback?: unknown) => {
  const name = /(?:^|\.)localhost\.?$/i.test(hostname) ? '127.0.0.1' : hostname;
  (lookup as (...args: readonly unknown[]) => void)(name, options, callback);
}) as typeof lookup;
