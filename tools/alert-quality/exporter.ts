// What the exporter would have published at each scrape: the world as the session list showed it when it was polled, and as the
// live source does, troubles included. Rooms' counters begin at 0 once, as they do there.
import type { Incident } from './schedule.ts';
import { listDelay, scrapeInterval } from './publishing.ts';
import type { ProjectNow } from './world.ts';

/** A sample: the series as the exposition writes it, and its value. */
export type Sample = readonly [series: string, value: number];

export const labels = { job: 'livekit-cloud', instance: 'exporter:17880', project: 'production' } as const;
const ofTarget = `job="${labels.job}",instance="${labels.instance}"`;
const ofProject = `{${ofTarget},project="${labels.project}"}`;

/** `poll.stale_after`, seconds. */
const staleAfter = 300;
const requestsPerMinute = 100;
const pollSecondsWhenStarved = 150;
const failureReasons = ['auth', 'network', 'plan', 'server', 'timeout'] as const;

/** How many times the people the session list shows while it makes up sessions. */
const ghostFactor = 3;
const ghosts = 20;

/** Of the plan: egresses at the same time, seconds of them that are included, dollars. */
const egressLimit = 100;
const includedSeconds = 1e6;
const budget = 1000;
const priceOfSecond = 0.001;

/** Egress seconds in a second: a fifth of what is included in a month. */
const egressRate = 0.08;

/** Bytes a second that customers download, and that one does while it takes most of the month. */
const usualRates = { acme: 40_000, beta: 30_000, zeta: 30_000 };
const greedyRate = 1e9;

export class PublishedExporter {
  readonly #incidents: readonly Incident[];
  readonly #failures = new Map<string, number>(failureReasons.map((reason) => [reason, 0]));
  readonly #knownRooms = new Set<string>();
  #polls = 0;
  #skipped = 0;
  #waited = 0;
  /** As the session list shows it, the oldest first. */
  readonly #listed: ProjectNow[] = [];
  #up = 1;
  #lastSuccess = 0;
  #lastLiveSuccess = 0;
  #egressesFailed = 0;
  /** Downloaded by each customer, bytes. */
  readonly #month = { acme: 0, beta: 0, zeta: 0 };
  #load: readonly Sample[] = [];
  #counters: readonly Sample[] = [];

  constructor(incidents: readonly Incident[]) {
    this.#incidents = incidents;
  }

  /** Times come in order, one scrape interval apart. */
  scrape(now: number, project: ProjectNow): readonly Sample[] {
    const trouble = this.#incidents.find(
      (each) => each.trouble && each.from <= now && now < each.until,
    )?.trouble;
    this.#listed.push(copied(project, trouble === 'ghosts' ? ghostFactor : 1));
    if (this.#listed.length > listDelay / scrapeInterval + 1) this.#listed.shift();
    this.#poll(now, trouble, () => this.#read(this.#listed[0]!));
    const customers = this.#customers(trouble);
    if (trouble === 'down') return [[`up{${ofTarget}}`, 0], ...customers];
    return [
      [`up{${ofTarget}}`, 1],
      [`livekit_cloud_exporter_build_info{${ofTarget},version="1",revision="1",nodeversion="20"}`, 1],
      [`livekit_cloud_up${ofProject}`, this.#up],
      [`livekit_cloud_exporter_last_successful_poll_timestamp_seconds${ofProject}`, this.#lastSuccess],
      [`livekit_cloud_exporter_polls_total${ofProject}`, this.#polls],
      [`livekit_cloud_exporter_polls_skipped_total${ofProject}`, this.#skipped],
      [`livekit_cloud_exporter_api_budget_wait_seconds_total${ofProject}`, this.#waited],
      [`livekit_cloud_exporter_api_budget_requests_per_second${ofProject}`, requestsPerMinute / 60],
      ...[...this.#failures].map(
        ([reason, count]) =>
          [
            `livekit_cloud_exporter_poll_failures_total{${ofTarget},project="${labels.project}",reason="${reason}"}`,
            count,
          ] as const,
      ),
      ...(now - this.#lastSuccess > staleAfter ? [] : this.#load),
      ...this.#counters,
      ...this.#live(now, project, trouble),
      [`livekit_cloud_egress_seconds_total${ofProject}`, egressRate * now],
      ...customers,
    ];
  }

  /** As the rules record it, which build on their own past: a range query cannot evaluate them. */
  #customers(trouble: Incident['trouble']): Sample[] {
    const rates = { ...usualRates, ...(trouble === 'customer' && { acme: greedyRate }) };
    for (const customer of ['acme', 'beta', 'zeta'] as const)
      this.#month[customer] += rates[customer] * scrapeInterval;
    return Object.entries(this.#month).map(([group, bytes]) => [
      `livekit_cloud_group:used:month{job="${labels.job}",project="${labels.project}",group="${group}",meter="downstream_bytes",month="2"}`,
      bytes,
    ]);
  }

  #live(now: number, { people, egressesEnded, rooms }: ProjectNow, trouble: Incident['trouble']): Sample[] {
    const fails = trouble === 'live' || trouble === 'auth';
    if (!fails) this.#lastLiveSuccess = now;
    if (trouble === 'egresses' && now % 60 < scrapeInterval) this.#egressesFailed++;
    const ended = (status: string) =>
      `livekit_cloud_egresses_ended_total{${ofTarget},project="${labels.project}",status="${status}"}`;
    const samples: Sample[] = [
      [`livekit_cloud_live_up${ofProject}`, fails ? 0 : 1],
      [ended('complete'), egressesEnded],
      [ended('failed'), this.#egressesFailed],
      ...planned(trouble),
    ];
    if (now - this.#lastLiveSuccess > staleAfter) return samples;
    samples.push(
      [`livekit_cloud_live_participants${ofProject}`, people],
      [`livekit_cloud_unconfirmed_sessions${ofProject}`, trouble === 'ghosts' ? ghosts : 0],
    );
    for (const [name, room] of rooms) {
      if (room.people === 0) continue;
      const ofRoom = `${ofTarget},project="${labels.project}",room=${JSON.stringify(name)}`;
      samples.push([`livekit_cloud_live_room_participants{${ofRoom}}`, room.people]);
    }
    return samples;
  }

  #poll(now: number, trouble: Incident['trouble'], read: () => void): void {
    if (trouble === 'hanging') {
      this.#skipped++;
      return;
    }
    if (trouble === 'starved') {
      this.#waited += 2 * scrapeInterval;
      if (now - this.#lastSuccess < pollSecondsWhenStarved) {
        this.#skipped++;
        return;
      }
    }
    this.#polls++;
    const failures = trouble && this.#failures.get(trouble);
    if (trouble && failures !== undefined) {
      this.#failures.set(trouble, failures + 1);
      this.#up = 0;
      return;
    }
    this.#up = 1;
    this.#lastSuccess = now;
    read();
  }

  #read({ people, bytesIn, bytesOut, rooms }: ProjectNow): void {
    const load: Sample[] = [[`livekit_cloud_active_participants${ofProject}`, people]];
    const counters: Sample[] = [
      [`livekit_cloud_bandwidth_in_bytes_total${ofProject}`, Math.floor(bytesIn)],
      [`livekit_cloud_bandwidth_out_bytes_total${ofProject}`, Math.floor(bytesOut)],
    ];
    for (const [name, room] of rooms) {
      const ofRoom = `${ofTarget},project="${labels.project}",room=${JSON.stringify(name)}`;
      const begins = !this.#knownRooms.has(name);
      load.push([`livekit_cloud_room_active_participants{${ofRoom}}`, room.people]);
      load.push([`livekit_cloud_room_active_sessions{${ofRoom}}`, room.sessions]);
      load.push([`livekit_cloud_room_egress_state{${ofRoom},state="active"}`, room.egress ? 1 : 0]);
      if (room.start !== undefined) {
        load.push([`livekit_cloud_room_session_start_timestamp_seconds{${ofRoom}}`, room.start]);
      }
      counters.push(
        [`livekit_cloud_room_bandwidth_in_bytes_total{${ofRoom}}`, begins ? 0 : Math.floor(room.bytesIn)],
        [`livekit_cloud_room_bandwidth_out_bytes_total{${ofRoom}}`, begins ? 0 : Math.floor(room.bytesOut)],
      );
    }
    for (const name of rooms.keys()) this.#knownRooms.add(name);
    for (const name of this.#knownRooms) if (!rooms.has(name)) this.#knownRooms.delete(name);
    this.#load = load;
    this.#counters = counters;
  }
}

function copied(project: ProjectNow, factor: number): ProjectNow {
  const rooms = new Map([...project.rooms].map(([name, room]) => [name, { ...room }]));
  return { ...project, people: project.people * factor, rooms };
}

function planned(trouble: Incident['trouble']): Sample[] {
  const share = trouble === 'budget' ? 1.2 : trouble === 'forecast' ? 0.95 : 0.5;
  return [
    [`livekit_cloud_plan_limit{${ofTarget},project="${labels.project}",resource="egresses"}`, egressLimit],
    [
      `livekit_cloud_live_egresses{${ofTarget},project="${labels.project}",status="active"}`,
      egressLimit * (trouble === 'limit' ? 0.97 : 0.5),
    ],
    [`livekit_cloud_plan_included_egress_seconds${ofProject}`, includedSeconds],
    [`livekit_cloud_month_egress_seconds${ofProject}`, includedSeconds * share],
    [
      `livekit_cloud_plan_price_dollars{${ofTarget},project="${labels.project}",meter="egress_seconds"}`,
      priceOfSecond,
    ],
    [`livekit_cloud_plan_budget_dollars${ofProject}`, budget],
    [`livekit_cloud_month_cost_dollars${ofProject}`, budget * share],
  ];
}
