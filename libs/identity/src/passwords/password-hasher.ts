/** argon2id behind a bounded queue: one verification costs as much as a hundred token requests. */
export abstract class PasswordHasher {
  /** @returns PHC string */
  abstract hash(password: string): Promise<string>;
  /**
   * False for a wrong password. With `stored` undefined it does the same work and returns false, so that time does not
   * tell whether the account exists.
   * @throws OAuthError too_many_requests when the queue is full
   */
  abstract verify(stored: string | undefined, password: string): Promise<boolean>;
  /** True when the parameters have been raised since `stored` was made. */
  abstract needsRehash(stored: string): boolean;
}
