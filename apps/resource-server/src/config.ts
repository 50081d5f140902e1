import { loadConfiguration } from '@gatehouse/platform';
import { defineResourceServerConfiguration, readPublicUrl, type ResourceServerConfig } from '@gatehouse/resource-kit';

/** Every setting of this app: those of any resource server. The only file that reads the environment. */
export const configuration = defineResourceServerConfiguration({ port: 4100 });

/** @throws ConfigurationError with every problem */
export function readConfig(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): ResourceServerConfig {
  return loadConfiguration(configuration, environment);
}

/** All that `describe` needs. @throws ConfigurationError */
export function publicUrl(environment: Readonly<Record<string, string | undefined>> = process.env): string {
  return readPublicUrl(configuration, environment);
}
