// The past of the demonstration as an exporter would have published it: the same simulated projects and their session
// details, counted by the same ledger, in the same families, poll after poll of a clock that runs as fast as it can.
import type { DetailsResult } from '../../src/core/details-ledger.ts';
import { projectFamilies, roomFamilies } from '../../src/core/families.ts';
import { projectValues, roomValues } from '../../src/core/family.ts';
import { Ledger, type LedgerRules } from '../../src/core/ledger.ts';
import type { RoomSnapshot } from '../../src/core/snapshot.ts';
import { FirstSamples } from '../../src/exposition/room-editions.ts';
import { sampleLines } from '../../src/exposition/text-format.ts';
import type { DemoProject } from '../../src/simulator/demo-projects.ts';
import type { SessionShelf } from '../../src/simulator/cloud.ts';
import type { SimulatedSession } from '../../src/simulator/simulated-session.ts';
import { finished } from './finished.ts';
import { readDetails } from './past-details.ts';

/** What Prometheus adds to the series it scrapes of the exporter in this stack: see deploy/prometheus/prometheus.yml. */
export const target = { job: 'livekit-cloud', instance: 'exporter:17880' };

/** What was published at a time (Unix seconds), as lines of an OpenMetrics file. */
export interface PastScrape {
  readonly time: number;
  readonly lines: string;
}

/** Rooms make most of the series: those of the last hours are enough to look at. */
const recentSeconds = 12 * 3600;

/** Seconds between polls: as fine as graphs of the last hours need it, and as coarse as graphs of a week can be. */
const recentInterval = 30;
const earlierInterval = 120;

/** Requests for details after a poll: enough for what ends; what runs is refreshed in turn. */
const mostDetails = 25;

/** What there was to be scraped between two times (Unix seconds), in order. */
export function* history(
  projects: readonly DemoProject[],
  rules: LedgerRules,
  { from, until }: { from: number; until: number },
): Generator<PastScrape> {
  const pasts = projects.map((project) => {
    project.cloud.advanceTo(until);
    return new ProjectPast(project, rules);
  });
  for (let time = from; time < until;) {
    const isRecent = time >= until - recentSeconds;
    const samples = pasts.flatMap((past) => past.poll(time, isRecent)).join('');
    yield { time, lines: samples.replaceAll(sample, `$1{${labels},$2 ${String(time)}\n`) };
    time += isRecent ? recentInterval : earlierInterval;
  }
}

const labels = Object.entries(target)
  .map(([name, value]) => `${name}="${value}"`)
  .join();
const sample = /^(\w+)\{(.*)\n/gm;

/** One project on its way through the past. */
class ProjectPast {
  readonly #name: string;
  readonly #shelf: SessionShelf;
  /** All of the project's sessions, in order of start. */
  readonly #sessions: readonly SimulatedSession[];
  readonly #ledger: Ledger;
  readonly #firstSamples = new FirstSamples();
  #polls = 0;
  #started = 0;
  /** Those that have started and can still change. */
  #unsettled: SimulatedSession[] = [];
  /** Read after the poll before. */
  #details: readonly DetailsResult[] = [];

  constructor({ name, cloud }: DemoProject, rules: LedgerRules) {
    this.#name = name;
    this.#shelf = cloud.shelf;
    this.#sessions = cloud.shelf.sorted;
    this.#ledger = new Ledger(rules, 0);
  }

  /** The samples that one poll leads to. */
  poll(time: number, withRooms: boolean): string[] {
    for (; (this.#sessions[this.#started]?.startsAt ?? Infinity) <= time; this.#started++)
      this.#unsettled.push(this.#sessions[this.#started] as SimulatedSession);
    const rows = this.#unsettled.map((session) => session.readAt(time));
    this.#unsettled = this.#unsettled.filter(({ settlesAt }) => settlesAt > time);

    const part = {
      startedAt: time,
      coveredFrom: Infinity,
      pages: [{ rows, rejected: [], readAt: time, time }],
    };
    const details = { results: this.#details, mostWaiting: Infinity };
    const snapshot = finished(this.#ledger.advance(part, time, { details }));
    this.#details = this.#ledger
      .detailsTargets(mostDetails)
      .map((detailsTarget) => readDetails(this.#shelf, detailsTarget, time));
    const view = { name: this.#name, up: true, snapshot };
    const ofProject = projectFamilies.flatMap((family) =>
      projectValues(family, view).map((value) => sampleLines(family.name, value, 'openmetrics')),
    );
    // Each poll was scraped: a new room's counters are 0 in one and have their values in the next.
    this.#polls += 1;
    const { shown } = finished(this.#firstSamples.show(snapshot.rooms, this.#polls, this.#polls - 1));
    return withRooms ? [...ofProject, ...roomSamples(this.#name, shown)] : ofProject;
  }
}

function roomSamples(project: string, rooms: readonly RoomSnapshot[]): string[] {
  return roomFamilies.flatMap((family) =>
    [...roomValues(family, project, rooms)].map((value) => sampleLines(family.name, value, 'openmetrics')),
  );
}
