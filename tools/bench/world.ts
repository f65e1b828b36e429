// The sessions that are measured with: as many as wanted, the same in every run but for the time, with totals
// that grow from listing to listing.

export interface World {
  readonly sessions: number;
  readonly rooms: number;
  /** Of the sessions, 0 to 1; the others have ended. */
  readonly running: number;
  readonly pageSize: number;
  /** Unix seconds of listing 0. */
  readonly startedAt: number;
}

export type WireRow = Readonly<Record<string, string | number | undefined>>;

/** One active session a room. */
export function roomsWorld(rooms: number): World {
  return { sessions: rooms, rooms, running: 1, pageSize: 1000, startedAt: Date.now() / 1000 };
}

/** The busy week of a large project: 100,000 sessions in 1,000 pages, of which one in twenty still runs. */
export function weekWorld(): World {
  return {
    sessions: 100_000,
    rooms: 5000,
    running: 0.05,
    pageSize: 100,
    startedAt: Date.now() / 1000,
  };
}

const secondsBetweenListings = 30;
const longestRunning = 4 * 3600;
const longestAgo = 6 * 86_400;
const kinds = ['standup', 'lesson', 'consultation', 'support', 'webinar'] as const;

/** A page of one listing as JSON, written as LiveKit's API writes it; empty beyond the last. */
export function pageText(world: World, page: number, listing: number): string {
  const end = Math.min((page + 1) * world.pageSize, world.sessions);
  const sessions: WireRow[] = [];
  for (let session = page * world.pageSize; session < end; session++) {
    sessions.push(wireRow(world, session, listing));
  }
  return JSON.stringify({ sessions });
}

/** All pages of one listing. */
export function listingTexts(world: World, listing: number): string[] {
  const pages = Math.ceil(world.sessions / world.pageSize);
  return Array.from({ length: pages }, (_, page) => pageText(world, page, listing));
}

function wireRow({ rooms, sessions, running, startedAt }: World, session: number, listing: number): WireRow {
  const random = hash(session);
  const room = session % rooms;
  const now = startedAt + listing * secondsBetweenListings;
  const isRunning = session < sessions * running;
  // To the millisecond: how many digits a time has decides what writing it costs.
  const age = (random % (1000 * (isRunning ? longestRunning : longestAgo))) / 1000;
  const createdAt = startedAt - age;
  const lasted = isRunning ? now - createdAt : Math.min(age, 600 + (random % 3000));
  const participants = 2 + (random % 30);
  return {
    sessionId: `RM_${hash(session + sessions).toString(36)}${session.toString(36)}`,
    roomName: `${kinds[room % kinds.length]}-${hash(room).toString(36)}`,
    createdAt: timestamp(createdAt),
    lastActive: timestamp(createdAt + lasted),
    ...(isRunning ? {} : { endedAt: timestamp(createdAt + lasted) }),
    bandwidthIn: String(Math.floor(lasted * (50_000 + (random % 500_000)))),
    bandwidthOut: String(Math.floor(lasted * (200_000 + (random % 2_000_000)))),
    egress: random % 3,
    numParticipants: participants + (isRunning ? listing : 0),
    numActiveParticipants: isRunning ? 1 + ((random + listing) % participants) : 0,
  };
}

export function timestamp(unixSeconds: number): string {
  return new Date(unixSeconds * 1000).toISOString().replace('Z', '456789Z');
}

/** A number of 32 bits that looks random: the finalizer of MurmurHash3. */
function hash(number: number): number {
  let bits = number + 1;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
