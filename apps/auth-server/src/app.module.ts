import { ServerKitModule, type ServerKitParts } from '@gatehouse/server-kit';
import { type DynamicModule, Module } from '@nestjs/common';
import { ClientsController } from './admin/clients.controller.js';
import { RegistrationTokensController } from './admin/registration-tokens.controller.js';
import { AccountPages } from './account/account-pages.js';
import { AccountSignInController } from './account/account-sign-in.controller.js';
import { AccountController } from './account/account.controller.js';
import { LocalAccounts } from './account/local-accounts.js';
import { SecondStepPages } from './account/second-step-pages.js';
import { AuthorizeController } from './authorize/authorize.controller.js';
import { DeviceAuthorizationController } from './device/device-authorization.controller.js';
import { DeviceController } from './device/device.controller.js';
import { HealthController } from './health/health.controller.js';
import { Departures } from './interaction/departures.js';
import { InteractionController } from './interaction/interaction.controller.js';
import { InteractionPages } from './interaction/interaction-pages.js';
import { SecondStepController } from './interaction/second-step.controller.js';
import { SignInController } from './interaction/sign-in.controller.js';
import { LogoutController } from './logout/logout.controller.js';
import { JwksController } from './metadata/jwks.controller.js';
import { metadataController } from './metadata/metadata.controller.js';
import { ownResourceMetadataController } from './metadata/own-resource-metadata.controller.js';
import { UserinfoController } from './openid/userinfo.controller.js';
import { PushedRequestController } from './pushed-requests/pushed-request.controller.js';
import { RegistrationController } from './registration/registration.controller.js';
import { SignInOffers } from './sso/sign-in-offers.js';
import { SamlMetadataController } from './sso/saml-metadata.controller.js';
import { SsoController } from './sso/sso.controller.js';
import { IntrospectionController } from './token/introspection.controller.js';
import { IssuedTokens } from './token/issued-tokens.js';
import { RevocationController } from './token/revocation.controller.js';
import { TokenController } from './token/token.controller.js';

/** Every controller of this app; what they call is put together in server-kit. */
@Module({})
export class AppModule {
  static with(parts: ServerKitParts): DynamicModule {
    return {
      module: AppModule,
      imports: [ServerKitModule.register(parts)],
      controllers: [
        metadataController(parts.settings.issuer),
        ownResourceMetadataController(parts.settings.issuer),
        JwksController,
        AuthorizeController,
        PushedRequestController,
        ...(parts.settings.policy.deviceAuthorization ? [DeviceAuthorizationController, DeviceController] : []),
        InteractionController,
        SignInController,
        SecondStepController,
        AccountController,
        AccountSignInController,
        SamlMetadataController,
        SsoController,
        LogoutController,
        TokenController,
        RegistrationController,
        ClientsController,
        RegistrationTokensController,
        RevocationController,
        IntrospectionController,
        UserinfoController,
        HealthController,
      ],
      providers: [
        AccountPages,
        LocalAccounts,
        SecondStepPages,
        Departures,
        InteractionPages,
        SignInOffers,
        IssuedTokens,
      ],
    };
  }
}
