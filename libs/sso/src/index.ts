export { OidcConnector } from './oidc/oidc-connector.js';
