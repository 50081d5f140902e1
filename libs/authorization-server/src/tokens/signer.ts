/** Signs with the key ring's current key. The implementation is in server-kit; no rule lives there. */
export abstract class Signer {
  /**
   * @param typ JOSE `typ`, for instance `at+jwt`
   * @returns compact JWS
   * @throws OAuthError temporarily_unavailable (keys_unavailable) when no key may sign now
   */
  abstract sign(claims: Readonly<Record<string, unknown>>, typ: string): Promise<string>;
}
