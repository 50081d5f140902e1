export {
  type Argon2,
  type Argon2Cost,
  Argon2PasswordHasher,
  DEFAULT_ARGON2_COST,
  DEFAULT_HASHING_QUEUE,
  type HashingQueueLimits,
} from './argon2-password-hasher.js';
