// Which replicas live and which projects they have, as one replica sees it in the shared store, and what it does about it.
// Pure: time comes in, as seconds of this replica's own clock. What has not changed for a lease by that clock is given up.

export interface Seen {
  /** What each replica last said of itself: it changes with each sign of life. */
  readonly replicas: ReadonlyMap<string, string>;
  /** The replica that has each project; '' when it was given back. */
  readonly owners: ReadonlyMap<string, string>;
}

export interface Moves {
  /** Projects to take, with the owner that was seen; undefined for none. */
  readonly take: ReadonlyMap<string, string | undefined>;
  readonly giveBack: readonly string[];
}

/** Seconds without a sign of life after which a replica is asked, and its projects are taken when it does not answer. */
export const leaseSeconds = 10;

interface Known {
  text: string;
  /** When it last said something new. */
  since: number;
  isDead: boolean;
}

export class Roster {
  readonly #me: string;
  readonly #projectsOf: (text: string) => string;
  readonly #replicas = new Map<string, Known>();
  /** Since when projects have had no entry at all: the server may have lost it. */
  readonly #missingSince = new Map<string, number>();
  readonly #freeSince = new Map<string, number>();
  #lookedAt = -Infinity;
  /** Those that are configured here. */
  projects: ReadonlySet<string> = new Set();
  #owners: Seen['owners'] = new Map();

  /** `projectsOf`: what stands for a replica's projects in what it says; only replicas with the same ones balance. */
  constructor(me: string, projectsOf: (text: string) => string) {
    this.#me = me;
    this.#projectsOf = projectsOf;
  }

  /** Takes in what was read at this time. Call it after each read, and only then. */
  see({ replicas, owners }: Seen, now: number): void {
    this.#owners = owners;
    // Without a read for a while, silence of others means nothing.
    if (now - this.#lookedAt > leaseSeconds / 2) {
      for (const known of this.#replicas.values()) known.since = now;
      this.#missingSince.clear();
      this.#freeSince.clear();
    }
    this.#lookedAt = now;
    const named = new Set([...replicas.keys(), ...[...owners.values()].filter((owner) => owner !== '')]);
    for (const name of named) {
      const text = replicas.get(name) ?? '';
      const known = this.#replicas.get(name);
      if (!known || (known.text !== text && text !== ''))
        this.#replicas.set(name, { text, since: now, isDead: false });
    }
    for (const name of this.#replicas.keys()) if (!named.has(name)) this.#replicas.delete(name);
    for (const project of this.projects) {
      if (owners.has(project)) this.#missingSince.delete(project);
      else if (!this.#missingSince.has(project)) this.#missingSince.set(project, now);
    }
  }

  owner(project: string): string | undefined {
    return this.#owners.get(project) || undefined;
  }

  text(replica: string): string {
    return this.#replicas.get(replica)?.text ?? '';
  }

  /** Replicas that have said something within a lease, this one included. */
  live(now: number): string[] {
    const others = [...this.#replicas].filter(([name, { text, since }]) => {
      return name !== this.#me && text !== '' && now - since < leaseSeconds;
    });
    return [this.#me, ...others.map(([name]) => name)].sort();
  }

  /** Replicas that have said nothing for a lease, and are not known to be dead. */
  silent(now: number): string[] {
    return [...this.#replicas].flatMap(([name, { since, isDead }]) =>
      name !== this.#me && !isDead && now - since >= leaseSeconds ? name : [],
    );
  }

  declareDead(replica: string): void {
    const known = this.#replicas.get(replica);
    if (known) known.isDead = true;
  }

  /** Dead replicas that have no project any more. */
  buried(): string[] {
    const owners = new Set(this.#owners.values());
    return [...this.#replicas].flatMap(([name, { isDead }]) => (isDead && !owners.has(name) ? name : []));
  }

  /** What this replica takes and gives back now, so that each live one comes to its share. */
  moves(now: number): Moves {
    const [me, projectsOf] = [this.#me, this.#projectsOf];
    const live = this.live(now);
    const counts = new Map(live.map((name) => [name, 0]));
    const free: (readonly [project: string, seen: string | undefined])[] = [];
    const mine: string[] = [];
    for (const project of this.projects) {
      const owner = this.#owners.get(project);
      if (owner === me) mine.push(project);
      if (this.#isFree(project, now)) free.push([project, owner]);
      else if (owner !== undefined && counts.has(owner)) counts.set(owner, (counts.get(owner) ?? 0) + 1);
    }
    const shared = [...counts.values()].reduce((sum, count) => sum + count, free.length);
    const share = shareOf(me, counts, shared);
    const mineText = projectsOf(this.text(me));
    // With different configurations, perhaps no other replica can take what this one would give back.
    const mayBalance = free.length === 0 && live.every((name) => projectsOf(this.text(name)) === mineText);
    const order = free.sort(([a], [b]) => hash(me + a) - hash(me + b));
    const overdue = order.filter(([project]) => now - (this.#freeSince.get(project) ?? now) >= leaseSeconds);
    const room = Math.max(0, share - mine.length);
    const surplus = mayBalance ? Math.max(0, mine.length - share) : 0;
    return {
      take: new Map([...order.slice(0, room), ...overdue]),
      giveBack: mine.slice(mine.length - surplus),
    };
  }

  #isFree(project: string, now: number): boolean {
    const owner = this.#owners.get(project);
    const isFree =
      owner === undefined
        ? now - (this.#missingSince.get(project) ?? now) >= leaseSeconds
        : owner === '' || (this.#replicas.get(owner)?.isDead ?? false);
    if (!isFree) this.#freeSince.delete(project);
    else if (!this.#freeSince.has(project)) this.#freeSince.set(project, now);
    return isFree;
  }
}

/** How many projects a replica should have. Those that have the most keep the remainder, so that little moves. */
function shareOf(me: string, counts: ReadonlyMap<string, number>, projects: number): number {
  const ranked = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  const place = ranked.findIndex(([name]) => name === me);
  return Math.floor(projects / ranked.length) + (place < projects % ranked.length ? 1 : 0);
}

/** FNV-1a: two replicas seldom reach for the same projects first. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index++)
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  return value >>> 0;
}
