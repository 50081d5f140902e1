export {
  type ConfigurationDefinition,
  ConfigurationError,
  type ConfigurationOf,
  type ConfigurationProblem,
  type ConfigurationRule,
  type ConfigurationValues,
  type SettingDescription,
  defineConfiguration,
  describeConfiguration,
  loadConfiguration,
} from './configuration/configuration.js';
export {
  LOG_LEVELS,
  type LogLevel,
  type RateLimit,
  connectionUrl,
  count,
  filePath,
  hostName,
  issuerUrl,
  list,
  logLevel,
  networks,
  onOff,
  oneOf,
  originUrl,
  port,
  rateLimit,
  seconds,
  uriScheme,
} from './configuration/schemas.js';
export { readSecretFile } from './configuration/secret-file.js';
export { type Setting, setting } from './configuration/setting.js';
export { isLoopbackHost, isNetwork, networkKey } from './network/network.js';
export {
  type TlsFiles,
  type TransportSettings,
  type TransportVariables,
  loadTls,
  transportProblems,
} from './transport/transport.js';
