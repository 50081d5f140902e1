/**
 * The deletion of clients that never completed a flow, for a registration that exceeds the budget and for the clean-up.
 * A row that somebody holds is left for the next time; one that was used, or asked for again, while its lock was awaited no
 * longer fits. A disabled client stays: it is the reason why the same cannot be registered again; and one that an operator has
 * taken over is wanted. So does one whose
 * person is on the way, from the interaction until its code is over, or whose device waits for one.
 */
import { FLOW_TAIL } from '@gatehouse/authorization-server';

/** CTEs, of which `deleted` has a row for each client; `$2` is how many at most. */
const deleteUnused = (join: string, over: string, now: string): string => `
  over AS (
    SELECT registration.client_id
      FROM client_registrations registration ${join}
     WHERE registration.unused_since IS NOT NULL AND ${over}
       AND NOT EXISTS (
         SELECT FROM clients client
          WHERE client.id = registration.client_id
            AND (client.disabled_at IS NOT NULL OR client.origin = 'pre-registered'))
       AND NOT EXISTS (
         SELECT FROM interactions interaction
          WHERE interaction.request ->> 'clientId' = registration.client_id
            AND interaction.expires_at > ${now}::timestamptz - make_interval(secs => ${String(FLOW_TAIL)}))
       AND NOT EXISTS (
         SELECT FROM device_authorizations device
          WHERE device.client_id = registration.client_id
            AND device.expires_at > ${now}::timestamptz - make_interval(secs => ${String(FLOW_TAIL)}))
     ORDER BY registration.unused_since
     LIMIT $2
       FOR UPDATE OF registration SKIP LOCKED
  ), gone AS (
    DELETE FROM clients USING over WHERE clients.id = over.client_id
  ), dropped AS (
    DELETE FROM consents USING over WHERE consents.client_id = over.client_id
  ), deleted AS (
    DELETE FROM client_registrations USING over WHERE client_registrations.client_id = over.client_id RETURNING true
  )`;

/** All that were last asked for before `$1`. */
export const UNUSED_SINCE = deleteUnused('', 'registration.unused_since < $1', '$1');

/** All but `$1`, at the time `$3`. The newest of each source stay before the second newest of any, and so on. */
export const UNUSED_BEYOND_BUDGET = `
  placed AS (
    SELECT client_id, unused_since,
           row_number() OVER (PARTITION BY source ORDER BY unused_since DESC, client_id) AS place
      FROM client_registrations WHERE unused_since IS NOT NULL
  ), surplus AS MATERIALIZED (
    SELECT client_id, unused_since FROM placed ORDER BY place, unused_since DESC, client_id OFFSET $1
  ), ${deleteUnused('JOIN surplus USING (client_id)', 'registration.unused_since = surplus.unused_since', '$3')}`;
