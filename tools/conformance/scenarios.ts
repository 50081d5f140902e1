/**
 * What we expect of each scenario of the official conformance program. A scenario that is not listed, a listed one that
 * the program no longer has, a check that fails without a reason here, and a reason that no longer holds all fail the
 * command. Every row runs at each protocol revision that the program knows it for.
 */
export interface Expectation {
  /** Why the scenario cannot say anything about this product. Unset: it must pass. */
  readonly leftOut?: string;
  /** The same for one protocol revision. */
  readonly leftOutAt?: Readonly<Record<string, string>>;
  /** Single checks that cannot pass, each with its reason; all others must. */
  readonly without?: Readonly<Record<string, string>>;
}

const MUST_PASS: Expectation = {};
const leftOut = (reason: string): Expectation => ({ leftOut: reason });

const PREPARED = 'needs a tool made for the program';
const NO_RESOURCES = 'the demo servers offer tools and no MCP resources';
const NO_PROMPTS = 'the demo servers offer tools and no prompts';
const NO_SESSIONS = 'the server keeps no sessions, in either revision';
const NO_LOGGING = 'the server sends no log messages to clients';
const EXTENSION = 'an extension that the demo servers do not offer';

export const AUTHORIZATION_SERVER_SCENARIOS: Readonly<Record<string, Expectation>> = {
  'authorization-server-metadata-endpoint': MUST_PASS,
  'authorization-code-grant': MUST_PASS,
};

export const SERVER_SCENARIOS: Readonly<Record<string, Expectation>> = {
  'server-initialize': MUST_PASS,
  'server-stateless': {
    without: {
      'sep-2575-server-rejects-undeclared-capability': PREPARED,
      'sep-2575-missing-capability-http-400': PREPARED,
      'sep-2575-http-server-no-independent-requests-on-stream': PREPARED,
      'sep-2575-server-no-log-without-loglevel': PREPARED,
    },
  },
  ping: MUST_PASS,
  'tools-list': MUST_PASS,
  'server-sse-multiple-streams': { leftOutAt: { '2025-11-25': NO_SESSIONS } },
  'dns-rebinding-protection': MUST_PASS,
  'http-header-validation': MUST_PASS,
  caching: {
    without: {
      'sep-2549-prompts-list-caching-hints': NO_PROMPTS,
      'sep-2549-resources-list-caching-hints': NO_RESOURCES,
      'sep-2549-resources-templates-list-caching-hints': NO_RESOURCES,
    },
  },
  'input-required-result-unsupported-methods': MUST_PASS,

  'server-session-lifecycle': leftOut(NO_SESSIONS),
  'server-sse-polling': leftOut(`${NO_SESSIONS}, and ${PREPARED}`),
  'logging-set-level': leftOut(NO_LOGGING),
  'tools-call-with-logging': leftOut(NO_LOGGING),
  'completion-complete': leftOut('nothing to complete without prompts and resource templates'),
  'resources-list': leftOut(NO_RESOURCES),
  'resources-read-text': leftOut(NO_RESOURCES),
  'resources-read-binary': leftOut(NO_RESOURCES),
  'resources-templates-read': leftOut(NO_RESOURCES),
  'resources-subscribe': leftOut(NO_RESOURCES),
  'resources-unsubscribe': leftOut(NO_RESOURCES),
  'sep-2164-resource-not-found': leftOut(NO_RESOURCES),
  'prompts-list': leftOut(NO_PROMPTS),
  'prompts-get-simple': leftOut(NO_PROMPTS),
  'prompts-get-with-args': leftOut(NO_PROMPTS),
  'prompts-get-embedded-resource': leftOut(NO_PROMPTS),
  'prompts-get-with-image': leftOut(NO_PROMPTS),
  'input-required-result-non-tool-request': leftOut(NO_PROMPTS),
  'tools-call-simple-text': leftOut(PREPARED),
  'tools-call-image': leftOut(PREPARED),
  'tools-call-audio': leftOut(PREPARED),
  'tools-call-embedded-resource': leftOut(PREPARED),
  'tools-call-mixed-content': leftOut(PREPARED),
  'tools-call-error': leftOut(PREPARED),
  'tools-call-with-progress': leftOut(PREPARED),
  'tools-call-sampling': leftOut(PREPARED),
  'tools-call-elicitation': leftOut(PREPARED),
  'json-schema-2020-12': leftOut(PREPARED),
  'elicitation-sep1034-defaults': leftOut(PREPARED),
  'elicitation-sep1330-enums': leftOut(PREPARED),
  'http-custom-header-server-validation': leftOut(`${PREPARED}: one with x-mcp-header in its schema`),
  'input-required-result-basic-elicitation': leftOut(PREPARED),
  'input-required-result-basic-sampling': leftOut(PREPARED),
  'input-required-result-basic-list-roots': leftOut(PREPARED),
  'input-required-result-request-state': leftOut(PREPARED),
  'input-required-result-multiple-input-requests': leftOut(PREPARED),
  'input-required-result-multi-round': leftOut(PREPARED),
  'input-required-result-missing-input-response': leftOut(PREPARED),
  'input-required-result-result-type': leftOut(PREPARED),
  'input-required-result-tampered-state': leftOut(PREPARED),
  'input-required-result-capability-check': leftOut(PREPARED),
  'input-required-result-ignore-extra-params': leftOut(PREPARED),
  // It would pass for the wrong reason: the tool it calls is unknown.
  'input-required-result-validate-input': leftOut(PREPARED),
  'sep-2640-skills-directory': leftOut(EXTENSION),
  'sep-2640-skills-enumeration': leftOut(EXTENSION),
  'sep-2640-skills-manifest': leftOut(EXTENSION),
  'tasks-lifecycle': leftOut(EXTENSION),
  'tasks-capability-negotiation': leftOut(EXTENSION),
  'tasks-wire-fields': leftOut(EXTENSION),
  'tasks-request-state-removal': leftOut(EXTENSION),
  'tasks-mrtr-input': leftOut(EXTENSION),
  'tasks-request-headers': leftOut(EXTENSION),
  'tasks-dispatch-and-envelope': leftOut(EXTENSION),
  'tasks-status-notifications': leftOut(EXTENSION),
  'tasks-required-task-error': leftOut(EXTENSION),
  'tasks-mrtr-composition': leftOut(EXTENSION),
};
