export { KEY_FILE_VARIABLE, readKeyEncryptionKeys } from './key-encryption-key-file.js';
