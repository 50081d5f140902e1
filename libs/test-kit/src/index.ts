/**
 * Driving the product from outside: where the stack is, a person's browser, a client's requests. It knows the wire and
 * nothing of the code behind it.
 */
export { listenForCallback, type LoopbackCallback } from './browser/loopback-callback.js';
export { findChromium, launchChromium } from './browser/chromium.js';
export { CookieJar } from './browser/cookie-jar.js';
export { type HtmlControl, type HtmlForm, readForms, visibleText } from './browser/html-form.js';
export {
  type Callback,
  type Decision,
  isConsent,
  isSignIn,
  type Page,
  PageAgent,
  PageError,
  type Person,
  scopesOffered,
} from './browser/page-agent.js';
export { Answer, type Ask, ask, form, type Travel } from './http.js';
export { LEGACY, McpRaw, MODERN, type RpcAnswer, rpcOf } from './mcp/mcp-raw.js';
export { MemoryOAuthProvider } from './mcp/memory-provider.js';
export { type ReadChallenge, readChallenge, readChallenges } from './oauth/challenge.js';
export { DpopFetch } from './oauth/dpop-fetch.js';
export {
  claimsOf,
  codeOf,
  type Connected,
  LOOPBACK_CALLBACK,
  OAuthFlow,
  type PendingAuthorization,
  type RegisteredClient,
  type Tokens,
  tokensOf,
} from './oauth/oauth-flow.js';
export { newPkce, type Pkce } from './oauth/pkce.js';
export { type Exchange, RecordingFetch } from './recording-fetch.js';
export {
  accessCommand,
  clientsCommand,
  providersCommand,
  registrationTokensCommand,
  type CommandAnswer,
} from './stack/operator.js';
export { alternate, freePort, pause, type Replica, startReplica, startResourceReplica } from './stack/replica.js';
export { NoStackError, readStack, type Stack, type StackAccount, stackFile, workspaceRoot } from './stack/stack.js';
export { type DocumentServer, startDocumentServer } from './web/document-server.js';
export { type LogoutReceiver, startLogoutReceiver } from './web/logout-receiver.js';
export { type CertificateAndKey, selfSigned } from './web/self-signed.js';
export {
  type AnswerTags,
  CorporateSaml,
  type CorporateSamlOptions,
  type ReadRequest,
  rewritten,
  type SamlPerson,
} from './saml/corporate-saml.js';
export { DIRECTORY_BASE, findSlapd, type Slapd, startSlapd } from './ldap/slapd.js';
