export { WebauthnCeremonies } from './webauthn-ceremonies.js';
