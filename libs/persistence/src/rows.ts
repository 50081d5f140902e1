import { AccessRuleRow } from './access/access-rule.row.js';
import { AccountRow } from './accounts/account.row.js';
import { AttemptRow } from './attempts/attempt.row.js';
import { AuditEventRow } from './audit/audit-event.row.js';
import { AuthorizationRow } from './authorizations/authorization.row.js';
import { InteractionRow } from './authorize/interaction.row.js';
import { ClientUsageRow } from './clients/client-usage.row.js';
import { ClientRow } from './clients/client.row.js';
import { UsedAssertionRow } from './clients/used-assertion.row.js';
import { AuthorizationCodeRow } from './codes/authorization-code.row.js';
import { ConsentRow } from './consent/consent.row.js';
import { DeviceAuthorizationRow } from './device/device-authorization.row.js';
import { UsedProofRow } from './dpop/used-proof.row.js';
import { EntitlementRow } from './entitlements/entitlement.row.js';
import { FactorRow } from './factors/factor.row.js';
import { PendingSignInRow } from './factors/pending-sign-in.row.js';
import { RecoveryCodeRow } from './factors/recovery-code.row.js';
import { SigningKeyRow } from './keys/signing-key.row.js';
import { LogoutNoticeRow } from './logout/logout-notice.row.js';
import { ClientRegistrationRow } from './registration/client-registration.row.js';
import { InitialAccessTokenRow } from './registration/initial-access-token.row.js';
import { PushedRequestRow } from './pushed-requests/pushed-request.row.js';
import { ResourceServerRow } from './resources/resource-server.row.js';
import { ResourceRow } from './resources/resource.row.js';
import { SessionRow } from './sessions/session.row.js';
import { AccountGroupRow } from './sso/account-group.row.js';
import { ExternalIdentityRow } from './sso/external-identity.row.js';
import { IdentityProviderRow } from './sso/identity-provider.row.js';
import { SsoLoginRow } from './sso/sso-login.row.js';

/** Every table. A spec compares them with what the migrations make. */
export const ROWS = [
  AccessRuleRow,
  AccountGroupRow,
  AccountRow,
  AttemptRow,
  AuditEventRow,
  AuthorizationCodeRow,
  AuthorizationRow,
  ClientRegistrationRow,
  ClientRow,
  ClientUsageRow,
  ConsentRow,
  DeviceAuthorizationRow,
  EntitlementRow,
  ExternalIdentityRow,
  FactorRow,
  IdentityProviderRow,
  InitialAccessTokenRow,
  InteractionRow,
  LogoutNoticeRow,
  PendingSignInRow,
  PushedRequestRow,
  RecoveryCodeRow,
  ResourceRow,
  ResourceServerRow,
  SessionRow,
  SigningKeyRow,
  SsoLoginRow,
  UsedAssertionRow,
  UsedProofRow,
];
