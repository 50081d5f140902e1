/**
 * oidc-provider's store on PostgreSQL, as good as its contract allows: one JSON table, every statement prepared under a
 * name, one statement a call, a pool as large as ours.
 */
import type pg from 'pg';

export const PEER_TABLE = `
  CREATE TABLE models (
    kind text NOT NULL,
    id text NOT NULL,
    payload jsonb NOT NULL,
    grant_id text,
    uid text,
    expires_at timestamptz,
    consumed_at timestamptz,
    PRIMARY KEY (kind, id)
  ) WITH (fillfactor = 80);
  CREATE INDEX ON models (grant_id) WHERE grant_id IS NOT NULL;
  CREATE INDEX ON models (uid) WHERE uid IS NOT NULL`;

interface Payload {
  readonly grantId?: string;
  readonly uid?: string;
}

interface Found {
  readonly payload: Readonly<Record<string, unknown>>;
  readonly consumed_at: Date | null;
}

const FOUND = `SELECT payload, consumed_at FROM models`;
const ALIVE = `(expires_at IS NULL OR expires_at > now())`;

/** @returns the class oidc-provider makes one object of for each kind of model */
export function peerAdapter(pool: pg.Pool): new (kind: string) => object {
  const run = async (name: string, text: string, values: readonly unknown[]): Promise<Found | undefined> =>
    (await pool.query<Found>({ name, text, values: [...values] })).rows[0];
  const payloadOf = (found: Found | undefined) =>
    found && { ...found.payload, ...(found.consumed_at ? { consumed: found.consumed_at.getTime() / 1000 } : {}) };

  return class PeerAdapter {
    readonly kind: string;

    constructor(kind: string) {
      this.kind = kind;
    }

    async upsert(id: string, payload: Payload, expiresIn?: number): Promise<void> {
      await run(
        'upsert',
        `INSERT INTO models (kind, id, payload, grant_id, uid, expires_at)
         VALUES ($1, $2, $3, $4, $5, now() + make_interval(secs => $6))
         ON CONFLICT (kind, id) DO UPDATE SET payload = excluded.payload, expires_at = excluded.expires_at`,
        [this.kind, id, JSON.stringify(payload), payload.grantId, payload.uid, expiresIn],
      );
    }

    async find(id: string) {
      return payloadOf(await run('find', `${FOUND} WHERE kind = $1 AND id = $2 AND ${ALIVE}`, [this.kind, id]));
    }

    async findByUid(uid: string) {
      return payloadOf(await run('uid', `${FOUND} WHERE kind = $1 AND uid = $2 AND ${ALIVE}`, [this.kind, uid]));
    }

    findByUserCode(): Promise<undefined> {
      return Promise.resolve(undefined);
    }

    async consume(id: string): Promise<void> {
      await run('consume', `UPDATE models SET consumed_at = now() WHERE kind = $1 AND id = $2`, [this.kind, id]);
    }

    async destroy(id: string): Promise<void> {
      await run('destroy', `DELETE FROM models WHERE kind = $1 AND id = $2`, [this.kind, id]);
    }

    async revokeByGrantId(grantId: string): Promise<void> {
      await run('revoke', `DELETE FROM models WHERE kind = $1 AND grant_id = $2`, [this.kind, grantId]);
    }
  };
}
