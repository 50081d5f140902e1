export {
  type ConfigurationDefinition,
  type ConfigurationOf,
  type ConfigurationRule,
  type ConfigurationValues,
  type SettingDescription,
  defineConfiguration,
  describeConfiguration,
  loadConfiguration,
} from './configuration/configuration.js';
export { ConfigurationError, type ConfigurationProblem } from './configuration/configuration-error.js';
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
export { requestingNetwork, workFor } from './network/requester.js';
export {
  type TlsFiles,
  type TransportSettings,
  type TransportVariables,
  loadTls,
  transportProblems,
} from './transport/transport.js';
export { Health, type HealthReport } from './health/health.js';
export { AcceptsForm, AcceptsJson } from './http-server/body.js';
export { type HttpServer, type HttpServerOptions, createHttpServer } from './http-server/http-server.js';
export {
  type AnswerProblem,
  type ProblemAnswer,
  type ProblematicRequest,
  REQUEST_PROBLEMS,
  RequestProblem,
  type RequestProblemKind,
} from './http-server/request-problem.js';
export { baseHeaders } from './http-server/security-headers.js';
export { EventLogger, type EventLoggerOptions, type LogField, type LogFields } from './logger/event-logger.js';
export { redactText } from './logger/redaction.js';
export {
  type CounterMetric,
  type GaugeMetric,
  type HistogramMetric,
  type LabelSets,
  type Labels,
  Metrics,
} from './metrics/metrics.js';
export { type MetricsListener, listenForMetrics } from './metrics/metrics-listener.js';
export { failureText } from './process/failure-text.js';
export { type RunningProcess, runProcess } from './process/run-process.js';
