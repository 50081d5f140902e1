-- Rows as the first released schema holds them: each table, with and without its optional columns.
INSERT INTO clients (id, origin, name, application_type, redirect_uris, grant_types, auth_method, secrets, scopes, client_uri, software_id, software_version, created_at, disabled_at) VALUES
  ('c_ledger', 'pre-registered', 'Ledger', 'web', '{https://ledger.example/callback}', '{authorization_code,refresh_token}', 'client_secret_basic', '[{"hash": "w3pZ2i5VYx4Jc4qS4xDbB5F9d7r0nB0mPp3mTnq3kQ8"}, {"hash": "n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg", "expiresAt": "2026-02-01T00:00:00.000Z"}]', '{invoices:read}', 'https://ledger.example', 'ledger', '1.2', '2026-01-01T00:00:00Z', NULL),
  ('c_gone', 'dynamic', 'Gone „früher"', 'native', '{http://127.0.0.1/cb,"http://[::1]/cb"}', '{authorization_code}', 'none', '[]', NULL, NULL, NULL, NULL, '2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z');
INSERT INTO resource_servers (id, secrets, disabled_at) VALUES
  ('rs', '[{"hash": "w3pZ2i5VYx4Jc4qS4xDbB5F9d7r0nB0mPp3mTnq3kQ8"}]', NULL);
INSERT INTO resources (identifier, name, scopes, default_scopes, server_id, disabled_at) VALUES
  ('https://api.example/invoices/mcp', 'Invoices', '[{"name": "invoices:read", "description": "See invoices"}, {"name": "invoices:refund", "description": "Pay back", "implies": ["invoices:read"], "sensitive": true}]', '{invoices:read}', 'rs', NULL);
INSERT INTO accounts (id, username, display_name, password_hash, created_at, disabled_at) VALUES
  ('0190a0a0-0000-7000-8000-000000000001', 'anna', 'Anna', '$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaA', '2026-01-01T00:00:00Z', NULL),
  ('0190a0a0-0000-7000-8000-000000000002', 'ben', 'Ben', NULL, '2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z');
INSERT INTO entitlements (account_id, resource, scopes) VALUES
  ('0190a0a0-0000-7000-8000-000000000001', 'https://api.example/invoices/mcp', '{invoices:read,invoices:refund}');
INSERT INTO sessions (id, account_id, authenticated_at, expires_at) VALUES
  (decode(repeat('a1', 32), 'hex'), '0190a0a0-0000-7000-8000-000000000001', '2026-01-01T08:00:00Z', '2026-01-01T20:00:00Z');
INSERT INTO attempts (key, made, window_ends_at) VALUES
  ('account', 4, '2026-01-01T08:15:00Z');
INSERT INTO interactions (id, browser, request, account_id, authenticated_at, created_at, expires_at, completed_at) VALUES
  (decode(repeat('b1', 32), 'hex'), decode(repeat('b0', 32), 'hex'), '{"clientId": "c_ledger", "redirectUri": "https://ledger.example/callback", "redirectUriWasSent": true, "state": "xyz", "codeChallenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "resource": "https://api.example/invoices/mcp", "scopes": ["invoices:read"]}', '0190a0a0-0000-7000-8000-000000000001', '2026-01-01T08:00:00Z', '2026-01-01T08:00:00Z', '2026-01-01T08:15:00Z', NULL);
INSERT INTO consents (account_id, client_id, resource, scopes, granted_at) VALUES
  ('0190a0a0-0000-7000-8000-000000000001', 'c_ledger', 'https://api.example/invoices/mcp', '{invoices:read}', '2026-01-01T08:01:00Z');
INSERT INTO authorization_codes (hash, client_id, account_id, redirect_uri, redirect_uri_was_sent, code_challenge, resource, scopes, authenticated_at, issued_at, expires_at, redeemed_at, authorization_id) VALUES
  (decode(repeat('c1', 32), 'hex'), 'c_ledger', '0190a0a0-0000-7000-8000-000000000001', 'https://ledger.example/callback', true, 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', 'https://api.example/invoices/mcp', '{invoices:read}', '2026-01-01T08:00:00Z', '2026-01-01T08:01:00Z', '2026-01-01T08:02:00Z', '2026-01-01T08:01:01Z', '0190a0a0-0000-4000-8000-0000000000aa');
INSERT INTO authorizations (id, account_id, authenticated_at, created_at, expires_at, client_id, resource, scopes, replay_key, revoked_at, revocation_reason, ends_on, generation, rotated_at, idle_expires_at, current_hash, previous_hash, nonce) VALUES
  ('0190a0a0-0000-4000-8000-0000000000aa', '0190a0a0-0000-7000-8000-000000000001', '2026-01-01T08:00:00Z', '2026-01-01T08:01:01Z', '2026-06-30T08:01:01Z', 'c_ledger', 'https://api.example/invoices/mcp', '{invoices:read}', decode(repeat('d0', 32), 'hex'), NULL, NULL, '2026-01-31', 1, '2026-01-01T09:00:00Z', '2026-01-31T09:00:00Z', decode(repeat('d2', 32), 'hex'), decode(repeat('d1', 32), 'hex'), decode(repeat('d3', 32), 'hex')),
  ('0190a0a0-0000-4000-8000-0000000000bb', '0190a0a0-0000-7000-8000-000000000001', '2026-01-01T08:00:00Z', '2026-01-01T08:01:01Z', '2026-06-30T08:01:01Z', 'c_gone', 'https://api.example/invoices/mcp', '{invoices:read}', NULL, '2026-01-02T00:00:00Z', 'code_reused', '2026-01-02', NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO signing_keys (kid, algorithm, public_jwk, sealed_private_key, published_at, activates_at, withdraw_at) VALUES
  ('old', 'ES256', '{"kty": "EC", "crv": "P-256", "x": "x", "y": "y", "kid": "old", "use": "sig", "alg": "ES256"}', 'sealed-old', '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z', '2026-02-01T00:00:00Z'),
  ('new', 'ES256', '{"kty": "EC", "crv": "P-256", "x": "x", "y": "y", "kid": "new", "use": "sig", "alg": "ES256"}', 'sealed-new', '2026-01-31T00:00:00Z', '2026-01-31T00:15:00Z', NULL);
INSERT INTO audit_events (at, type, reason, client_id, account_id, authorization_id, resource, scopes, detail) VALUES
  ('2026-01-01T08:01:01Z', 'code.redeemed', NULL, 'c_ledger', '0190a0a0-0000-7000-8000-000000000001', '0190a0a0-0000-4000-8000-0000000000aa', 'https://api.example/invoices/mcp', '{invoices:read}', '{"generation": 0}'),
  ('2026-01-02T00:00:00Z', 'sign_in.failed', 'unknown_account', NULL, NULL, NULL, NULL, NULL, NULL);
