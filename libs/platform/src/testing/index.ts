export { type CertificateAndKey, selfSigned } from './self-signed.js';
