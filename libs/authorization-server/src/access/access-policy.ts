import type { AuditEvent } from '@gatehouse/audit';
import type { AccountId, ClientId, Clock, ResourceIdentifier } from '@gatehouse/protocol';
import type { ClientStore } from '../clients/client.store.js';
import { looksLikeUrl } from '../clients/documents/client-id-url.js';
import type { ResourceStore } from '../resources/resource.store.js';
import type { AccessPolicyStore, PolicyPerson } from './access-policy.store.js';
import { type AccessRule, isLocalGroup } from './access-rule.js';
import { type DeclaredPolicy, type DeclaredRule, inOrder, ruleOf, unpublished } from './declared-rules.js';
import { changesBetween, type Loss, lossesOf, type RuleChange } from './policy-change.js';

export interface AppliedPolicy {
  readonly changes: readonly RuleChange[];
  /** From whom it takes something. */
  readonly losses: readonly Loss[];
  /** Nothing is wrong, but it may not be what was meant. */
  readonly warnings: readonly string[];
}

/** Nothing was changed. */
export interface RefusedPolicy {
  readonly problems: readonly string[];
}

export type GroupOutcome = 'changed' | 'unchanged' | 'unknown_account' | 'not_local';

/**
 * The access policy in the hands of its operator: applied as a whole, so that what the file does not say is nobody's, and
 * only if everything in it is known. Whoever holds tokens need not be told: each use of them asks the policy.
 */
export class AccessPolicy {
  constructor(
    private readonly by: {
      readonly clock: Clock;
      readonly store: AccessPolicyStore;
      readonly resources: ResourceStore;
      readonly clients: ClientStore;
      /** Who is at the keyboard, for the audit trail. */
      readonly operator: string;
    },
  ) {}

  /** @param declared with usernames in the form that accounts have them */
  async apply(
    { rules: declared }: DeclaredPolicy,
    { dryRun }: { readonly dryRun: boolean },
  ): Promise<AppliedPolicy | RefusedPolicy> {
    const named = await this.by.store.named(inOrder(declared.flatMap(({ accounts = [] }) => accounts)));
    const ids = new Map(named.map(({ username, id }) => [username, id]));
    const problems = await this.#problems(declared, ids);
    if (problems.length > 0) return { problems };
    const rules = declared.map((rule) => withAccounts(rule, ids)).sort(byId);

    let before: readonly AccessRule[] = [];
    if (dryRun) before = await this.by.store.list();
    else
      await this.by.store.replace((current) => {
        before = current;
        return { rules, audit: changesBetween(current, rules).map((change) => this.#event(change)) };
      });
    const changes = changesBetween(before, rules);
    const about = changes.flatMap(({ before: was }) => (was ? [was] : []));
    const people = about.length > 0 ? await this.by.store.people(about) : [];
    return { changes, losses: lossesOf(before, rules, people), warnings: await this.#warnings(declared) };
  }

  /** The rules, and the people whom they name. */
  async list(): Promise<{ readonly rules: readonly AccessRule[]; readonly names: ReadonlyMap<AccountId, string> }> {
    const rules = await this.by.store.list();
    const accounts = rules.flatMap((rule) => rule.accounts ?? []);
    const people = accounts.length > 0 ? await this.by.store.people([{ accounts }]) : [];
    return { rules, names: new Map(people.map(({ id, username }) => [id, username])) };
  }

  async person(username: string): Promise<PolicyPerson | undefined> {
    const [person] = await this.by.store.named([username]);
    return person;
  }

  /** Only into local groups: who is in those of a provider, the provider says. */
  async join(username: string, group: string): Promise<GroupOutcome> {
    return this.#move(username, group, 'account.group_joined', (id, event) => this.by.store.join(id, group, event));
  }

  async leave(username: string, group: string): Promise<GroupOutcome> {
    return this.#move(username, group, 'account.group_left', (id, event) => this.by.store.leave(id, group, event));
  }

  async #move(
    username: string,
    group: string,
    type: AuditEvent['type'],
    move: (id: AccountId, event: AuditEvent) => Promise<boolean>,
  ): Promise<GroupOutcome> {
    if (!isLocalGroup(group)) return 'not_local';
    const person = await this.person(username);
    if (!person) return 'unknown_account';
    const { operator, clock } = this.by;
    const event = { type, at: clock.now(), accountId: person.id, detail: { group, operator } };
    return (await move(person.id, event)) ? 'changed' : 'unchanged';
  }

  async #problems(
    declared: readonly DeclaredRule[],
    accounts: ReadonlyMap<string, AccountId>,
  ): Promise<readonly string[]> {
    const published = await this.by.resources.list();
    const unknown = await this.#unknownClients(inOrder(declared.flatMap(({ clients = [] }) => clients)));
    return declared.flatMap((rule) => [
      ...unpublished(rule, published),
      ...(rule.accounts ?? [])
        .filter((name) => !accounts.has(name))
        .map((name) => `${rule.id}: accounts: there is no ${name}`),
      ...(rule.groups ?? [])
        .filter((group) => group.startsWith('local/') && !isLocalGroup(group))
        .map((group) => `${rule.id}: groups: ${group} can be no local group`),
      ...(rule.clients ?? []).filter((id) => unknown.has(id)).map((id) => `${rule.id}: clients: there is no ${id}`),
    ]);
  }

  /** A client that is known by a URL may come for the first time tomorrow. */
  async #unknownClients(ids: readonly string[]): Promise<ReadonlySet<string>> {
    const unknown = new Set<string>();
    for (const id of ids.filter((each) => !looksLikeUrl(each)))
      if (!(await this.by.clients.find(id as ClientId))) unknown.add(id);
    return unknown;
  }

  async #warnings(declared: readonly DeclaredRule[]): Promise<readonly string[]> {
    const disabled = (await this.by.resources.list()).filter(({ disabledAt }) => disabledAt);
    const groups = await this.by.store.groups();
    return declared.flatMap((rule) => [
      ...(disabled.some(({ identifier }) => identifier === (rule.resource as ResourceIdentifier))
        ? [`${rule.id}: ${rule.resource} is disabled: the rule gives nothing`]
        : []),
      ...(rule.groups ?? [])
        .filter((group) => !groups.includes(group))
        .map((group) => `${rule.id}: ${lonely(group, groups)}`),
    ]);
  }

  #event({ id: rule, kind: change, before, after }: RuleChange): AuditEvent {
    const subject = after ?? before;
    return {
      type: 'policy.changed',
      at: this.by.clock.now(),
      ...(subject ? { resource: subject.resource, scopes: subject.scopes } : {}),
      detail: { rule, change, operator: this.by.operator },
    };
  }
}

/** A name that looks like another one is a mistake, or somebody's trick; either way it is another name. */
function lonely(group: string, groups: readonly string[]): string {
  const fold = (text: string): string => text.normalize('NFKC').toLowerCase().normalize('NFKC');
  const similar = groups.filter((each) => fold(each) === fold(group));
  const hint = similar.length > 0 ? `; ${similar.join(', ')} is another group` : '';
  return `nobody is in ${group} now${hint}`;
}

function withAccounts(declared: DeclaredRule, ids: ReadonlyMap<string, AccountId>): AccessRule {
  const accounts = declared.accounts?.flatMap((name) => ids.get(name) ?? []);
  return { ...ruleOf(declared), ...(accounts ? { accounts: inOrder(accounts) as AccountId[] } : {}) };
}

/** As PostgreSQL orders them with the collation "C". */
function byId(a: AccessRule, b: AccessRule): number {
  return a.id < b.id ? -1 : 1;
}
