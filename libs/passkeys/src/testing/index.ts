export { SoftwareAuthenticator } from './software-authenticator.js';
