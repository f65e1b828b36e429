// This process as one of several replicas that share projects. Its lease on its projects lasts while its signs of life
// arrive. While the store cannot be reached, it keeps what it has and takes nothing.
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { request as requestPlain, type IncomingMessage } from 'node:http';
import { request as requestSecure } from 'node:https';
import { hostname } from 'node:os';
import type { Logger } from '../lib/logger.ts';
import { OngoingFailure } from '../lib/ongoing-failure.ts';
import { sleep } from '../lib/signals.ts';
import type { RedisConnection } from './redis-connection.ts';
import { beat, forget, giveBack, ownersKey, pairs, replicasKey, take, usedKey } from './redis-scripts.ts';
import { Roster } from './roster.ts';
import { errorCode, StateError } from './state-store.ts';

/** Seconds between two signs of life. */
const beatSeconds = 2;
/** Seconds after which this replica no longer trusts its lease: shorter, by the time a sign of life may be under way. */
const trustSeconds = 8;
/** Within this time a replica that runs answers. */
const patienceMilliseconds = 2000;
/** A process that did not run for this long may have been suspended, and others may have taken its projects. */
const stallSeconds = 2;

/** Seconds of a monotonic clock, which goes on while the process is suspended. */
const clock = () => performance.now() / 1000;

export interface ProjectOwner {
  /** Polls exactly these from now on; resolves to those that cannot be polled. */
  poll(projects: ReadonlySet<string>): Promise<readonly string[]>;
  /** Other replicas have these now: they are no longer published or kept here. */
  lose(projects: readonly string[]): void;
  /** The store may have lost states: write them again. */
  keepAgain(): void;
  /** The store was read: which replicas live, and which projects they have. */
  looked(): void;
  /** Requests that were sent for a project in the last minute, for other replicas to know. */
  tellRequests(project: string): number;
  /** Others have sent this many requests for a project in the last minute; `isUntold`: perhaps more than they could tell. */
  requestsBefore(project: string, requests: number, isUntold: boolean): void;
}

export interface ReplicaStatus {
  readonly name: string;
  /** Live ones, this one included. */
  readonly replicas: number;
  /** Undefined while the store can be reached. */
  readonly failure: { readonly message: string; readonly since: number } | undefined;
}

export class Replica {
  readonly name = `${hostname()}-${randomBytes(4).toString('hex')}`;
  readonly #connection: RedisConnection;
  readonly #now: () => number;
  readonly #log: Logger;
  readonly #roster: Roster;
  readonly #failureLog: OngoingFailure;
  readonly #owned = new Set<string>();
  readonly owned: ReadonlySet<string> = this.#owned;
  #owner: ProjectOwner | undefined;
  #address = '';
  /** Of the projects that are configured here. */
  #digest = '';
  /** When the last sign of life that arrived was sent, by the clock. */
  #trustedAt = -Infinity;
  /** No sign of life has arrived since the process last stalled: the store is out of reach, not this process late. */
  #isCutOff = false;
  #aliveAt = clock();
  #stalls = 0;
  #failure: ReplicaStatus['failure'];
  #connections = 0;
  #moving: Promise<void> | undefined;

  /** `now` is in Unix seconds. */
  constructor(connection: RedisConnection, now: () => number, log: Logger) {
    this.#connection = connection;
    this.#now = now;
    this.#log = log;
    this.#roster = new Roster(this.name, (text) => parsed(text).projects);
    this.#failureLog = new OngoingFailure(log, now);
  }

  configure(projects: readonly string[]): void {
    this.#roster.projects = new Set(projects);
    this.#digest = createHash('sha256').update(JSON.stringify(projects.toSorted())).digest('base64url');
  }

  /** Not when its lease has run out for no known reason: it may have been suspended, and others may have its projects. */
  mayPublish(): boolean {
    this.#noticeStall();
    return this.#isCutOff || clock() - this.#trustedAt < trustSeconds;
  }

  status(): ReplicaStatus {
    return { name: this.name, replicas: this.#roster.live(clock()).length, failure: this.#failure };
  }

  otherOwner(project: string): string | undefined {
    const owner = this.#roster.owner(project);
    return owner === this.name ? undefined : owner;
  }

  /** Shares the projects until the signal aborts; `address`: where others can ask whether this replica runs. */
  async run(owner: ProjectOwner, address: string, stop: AbortSignal): Promise<void> {
    this.#owner = owner;
    this.#address = address;
    const watch = setInterval(() => this.#noticeStall(), (stallSeconds * 1000) / 4);
    while (!stop.aborted) {
      await this.#beat();
      await sleep(beatSeconds, stop).catch(() => undefined);
    }
    clearInterval(watch);
    // What is still being taken must be given back by `close`.
    await this.#moving;
  }

  /** Gives back all projects; call it when none is polled any more. Never rejected. */
  async close(): Promise<void> {
    try {
      await this.#giveBack([...this.#owned]);
      await this.#connection.run(forget, [replicasKey], [this.name]);
    } catch {
      // Others take them when the lease has run out.
    }
    this.#connection.close();
  }

  /** The store has refused a write: the project is another replica's. */
  lost(project: string): void {
    if (this.#owned.delete(project)) this.#owner?.lose([project]);
  }

  #noticeStall(): void {
    const now = clock();
    if (now - this.#aliveAt > stallSeconds) {
      this.#stalls += 1;
      this.#isCutOff = false;
    }
    this.#aliveAt = now;
  }

  async #beat(): Promise<void> {
    const sentAt = clock();
    const stalls = this.#stalls;
    try {
      const seen = await this.#signOfLife();
      this.#trustedAt = sentAt;
      this.#isCutOff = false;
      this.#failure = undefined;
      this.#failureLog.succeeded('The state server can be reached again: projects are shared again');
      this.#roster.see(seen, clock());
      this.#checkOwned();
      const { connections } = this.#connection;
      if (connections !== this.#connections && this.#connections > 0) this.#owner?.keepAgain();
      this.#connections = connections;
      await this.#askSilent();
      this.#owner?.looked();
    } catch (error) {
      if (!(error instanceof StateError)) throw error;
      this.#noticeStall();
      if (stalls === this.#stalls) this.#isCutOff = true;
      this.#failure = { message: error.message, since: this.#failure?.since ?? this.#now() };
      this.#failureLog.failed({
        level: 'error',
        message: 'The state server cannot be reached: projects stay where they are',
        reason: String(errorCode(error.cause) ?? error.name),
        fields: { err: error, projects: this.#owned.size },
      });
      return;
    }
    // Without holding up the signs of life.
    this.#moving ??= this.#move()
      .catch((error: unknown) => {
        // The next sign of life fails, too, and reports it.
        if (!(error instanceof StateError)) throw error;
      })
      .finally(() => (this.#moving = undefined));
  }

  async #signOfLife() {
    const text = JSON.stringify({ beat: clock(), address: this.#address, projects: this.#digest });
    const used = this.#requestsOf(this.#owned);
    const keys = [replicasKey, ownersKey, usedKey];
    const answer = await this.#connection.run(beat, keys, [this.name, text, ...used]);
    const [replicas = [], owners = []] = answer as Buffer[][];
    return { replicas: pairs(replicas), owners: pairs(owners) };
  }

  /** Each project, and the requests that this replica has sent for it in the last minute. */
  #requestsOf(projects: Iterable<string>): string[] {
    const count = (project: string) => String(this.#owner?.tellRequests(project) ?? 0);
    return [...projects].flatMap((project) => [project, count(project)]);
  }

  /** Projects that others have by now are lost; those that the store has forgotten are claimed again later. */
  #checkOwned(): void {
    const lost = [...this.#owned].filter((project) => this.otherOwner(project) !== undefined);
    for (const project of lost) this.#owned.delete(project);
    if (lost.length > 0) {
      this.#log.warn('Projects were taken by other replicas', { projects: lost.length });
      this.#owner?.lose(lost);
    }
  }

  async #askSilent(): Promise<void> {
    await Promise.all(
      this.#roster.silent(clock()).map(async (replica) => {
        const { address } = parsed(this.#roster.text(replica));
        // At this replica's own address nobody else can listen any more.
        if (address === this.#address || !(await answers(replica, address)))
          this.#roster.declareDead(replica);
      }),
    );
    const buried = this.#roster.buried();
    if (buried.length > 0) await this.#connection.run(forget, [replicasKey], buried);
  }

  async #move(): Promise<void> {
    const moves = this.#roster.moves(clock());
    const forgotten = [...this.#owned].filter((project) => this.#roster.owner(project) === undefined);
    const wanted = new Map([...forgotten.map((project) => [project, undefined] as const), ...moves.take]);
    const removed = [...this.#owned].filter((project) => !this.#roster.projects.has(project));
    // An answer was lost: the store says that this replica has them.
    const stranded = [...this.#roster.projects].filter((project) => {
      return this.#roster.owner(project) === this.name && !this.#owned.has(project);
    });
    const given = [...moves.giveBack, ...removed, ...stranded];
    if (wanted.size === 0 && given.length === 0) return;
    const before = this.#owned.size;
    if (wanted.size > 0) {
      const args = [this.name, ...[...wanted].flatMap(([project, owner]) => [project, owner ?? '?'])];
      const taken = (await this.#connection.run(take, [ownersKey, usedKey], args)) as Buffer[];
      for (const [project, requests] of pairs(taken)) {
        this.#owned.add(project);
        this.#owner?.requestsBefore(project, Number(requests), wanted.get(project) !== '');
      }
    }
    const taken = this.#owned.size - before;
    for (const project of given) this.#owned.delete(project);
    const refused = (await this.#owner?.poll(new Set(this.#owned))) ?? [];
    for (const project of refused) this.#owned.delete(project);
    await this.#giveBack([...given, ...refused]);
    const counts = { taken, given_back: given.length, owned: this.#owned.size };
    this.#log.info('Projects moved between replicas', counts);
  }

  async #giveBack(projects: readonly string[]): Promise<void> {
    if (projects.length === 0) return;
    await this.#connection.run(giveBack, [ownersKey, usedKey], [this.name, ...this.#requestsOf(projects)]);
  }
}

/** Empty strings for what no replica has written. */
function parsed(text: string): { readonly address: string; readonly projects: string } {
  try {
    const { address, projects } = Object(JSON.parse(text)) as Record<string, unknown>;
    return { address: String(address ?? ''), projects: String(projects ?? '') };
  } catch {
    return { address: '', projects: '' };
  }
}

/** Whether a replica that no longer writes to the store still runs. One that asks for credentials counts, too. */
export async function answers(replica: string, address: string): Promise<boolean> {
  try {
    // Anyone may have written the address to Redis: what is no URL of HTTP is an error here.
    const url = new URL(`${address}/-/replica?name=${encodeURIComponent(replica)}`);
    const send = url.protocol === 'https:' ? requestSecure : requestPlain;
    // Nothing secret is sent, and the answer is used for nothing else.
    const signal = AbortSignal.timeout(patienceMilliseconds);
    const request = send(url, { rejectUnauthorized: false, agent: false, signal });
    request.on('error', () => undefined).end();
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    response.resume();
    return [200, 401, 403, 429].includes(response.statusCode ?? 0);
  } catch (error) {
    // It speaks TLS, and wants a certificate.
    return /_ALERT_/.test(String(errorCode(error)));
  }
}
