export { LdapConnector, type LdapConnectorParts } from './ldap/ldap.connector.js';
export { OidcConnector } from './oidc/oidc-connector.js';
export { SamlConnector, type SamlConnectorParts } from './saml/saml.connector.js';
