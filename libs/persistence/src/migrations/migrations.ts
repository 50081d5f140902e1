import { AuditEvents1700000000001 } from './1700000000001-audit-events.js';
import { Clients1700000000002 } from './1700000000002-clients.js';
import { Resources1700000000003 } from './1700000000003-resources.js';
import { Accounts1700000000004 } from './1700000000004-accounts.js';
import { Entitlements1700000000005 } from './1700000000005-entitlements.js';
import { Sessions1700000000006 } from './1700000000006-sessions.js';
import { Attempts1700000000007 } from './1700000000007-attempts.js';
import { Interactions1700000000008 } from './1700000000008-interactions.js';
import { Consents1700000000009 } from './1700000000009-consents.js';
import { AuthorizationCodes1700000000010 } from './1700000000010-authorization-codes.js';
import { Authorizations1700000000011 } from './1700000000011-authorizations.js';
import { SigningKeys1700000000012 } from './1700000000012-signing-keys.js';
import { ClientDocuments1700000000013 } from './1700000000013-client-documents.js';
import { ClientAuthentication1700000000014 } from './1700000000014-client-authentication.js';
import { ClientRegistrations1700000000015 } from './1700000000015-client-registrations.js';
import { PushedRequests1700000000016 } from './1700000000016-pushed-requests.js';
import { DeviceAuthorizations1700000000017 } from './1700000000017-device-authorizations.js';
import { Dpop1700000000018 } from './1700000000018-dpop.js';
import { TokenExchange1700000000019 } from './1700000000019-token-exchange.js';
import { Openid1700000000020 } from './1700000000020-openid.js';
import { Logout1700000000021 } from './1700000000021-logout.js';
import { Administration1700000000022 } from './1700000000022-administration.js';
import { QuarantineSources1700000000024 } from './1700000000024-quarantine-sources.js';
import { IdentityProviders1700000000030 } from './1700000000030-identity-providers.js';
import { SessionsOfProviders1700000000031 } from './1700000000031-sessions-of-providers.js';
import { AccessRules1700000000032 } from './1700000000032-access-rules.js';
import { SecondFactors1700000000035 } from './1700000000035-second-factors.js';

/** In the order in which they run. A released one is never changed: the next one changes the schema. */
export const MIGRATIONS = [
  AuditEvents1700000000001,
  Clients1700000000002,
  Resources1700000000003,
  Accounts1700000000004,
  Entitlements1700000000005,
  Sessions1700000000006,
  Attempts1700000000007,
  Interactions1700000000008,
  Consents1700000000009,
  AuthorizationCodes1700000000010,
  Authorizations1700000000011,
  SigningKeys1700000000012,
  ClientDocuments1700000000013,
  ClientAuthentication1700000000014,
  ClientRegistrations1700000000015,
  PushedRequests1700000000016,
  DeviceAuthorizations1700000000017,
  Dpop1700000000018,
  TokenExchange1700000000019,
  Openid1700000000020,
  Logout1700000000021,
  Administration1700000000022,
  QuarantineSources1700000000024,
  IdentityProviders1700000000030,
  SessionsOfProviders1700000000031,
  AccessRules1700000000032,
  SecondFactors1700000000035,
];
