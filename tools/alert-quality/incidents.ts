// What is done to the load and the exporter, as a table: the kinds of incidents, and which alerts must find each. The
// table says when the data shows it, and what else may rightly fire.

/** What happens to the numbers of a project or of one room while an incident lasts. */
export interface Effect {
  /** Factors for participants, and for the bytes that move. */
  readonly people?: number;
  readonly bytesIn?: number;
  readonly bytesOut?: number;
  /** The egress of the room is active, whatever it was. */
  readonly egress?: true;
}

/** A session that is there only because of the incident; rates in bytes per second. */
export interface ExtraSession {
  readonly people: number;
  readonly inRate: number;
  readonly outRate: number;
  readonly egress?: true;
}

export type Trouble =
  /** Nothing is scraped. */
  | 'down'
  /** No poll ends. */
  | 'hanging'
  /** Polls take two and a half minutes and wait for the budget. */
  | 'starved'
  /** Every poll fails for that reason. */
  | 'server'
  | 'timeout'
  | 'network'
  | 'auth'
  | 'plan'
  /** Every live poll fails. */
  | 'live'
  /** An egress fails each minute. */
  | 'egresses'
  /** The session list shows three times the people, of sessions without a room. */
  | 'ghosts'
  /** More egresses run than is good for the limit of the plan. */
  | 'limit'
  /** More is used than the plan includes, and it costs more than the budget. */
  | 'budget'
  /** It does not yet, but will by the month's end. */
  | 'forecast'
  /** One customer downloads more in a minute than all others in a day. */
  | 'customer';

interface AnyKind {
  readonly name: string;
  readonly minutes: readonly [number, number];
  /** How often in each week. */
  readonly count: number;
  /** Not in so many first days of the week, which are the first of the month. */
  readonly notInDays?: number;
  /** The strength is drawn for each incident, evenly between these two. */
  readonly strength: readonly [number, number];
  /** The alerts that must find it, and the seconds until the data shows what they say: 0 where that is the change itself. */
  readonly expects: Readonly<Record<string, number>>;
  /** Alerts that may rightly fire because of it, too. */
  readonly explains: RegExp;
}

interface OfLoad extends AnyKind {
  readonly where: 'project' | 'settled room';
  readonly effect: (strength: number) => Effect;
  readonly session?: undefined;
  readonly trouble?: undefined;
}

interface OfNewRoom extends AnyKind {
  readonly where: 'new room';
  readonly session: (strength: number, usualOut: number) => ExtraSession;
  readonly trouble?: undefined;
}

interface OfExporter extends AnyKind {
  readonly where: 'exporter';
  readonly trouble: (fraction: number) => Trouble;
}

export type IncidentKind = OfLoad | OfNewRoom | OfExporter;

const roomLoad = /^LiveKitCloudRoom(Participants|Bandwidth)/;
const anyLoad = /^LiveKitCloud(Room)?(Participants|Bandwidth)/;

export const incidentKinds: readonly IncidentKind[] = [
  {
    name: 'the project has more people',
    minutes: [15, 60],
    count: 1,
    where: 'project',
    strength: [3, 6],
    effect: (factor) => ({ people: factor, bytesIn: factor, bytesOut: factor }),
    expects: { LiveKitCloudParticipantsJumped: 0, LiveKitCloudBandwidthJumped: 0 },
    explains: anyLoad,
  },
  {
    name: 'the project sends more',
    minutes: [15, 60],
    count: 1,
    where: 'project',
    strength: [3, 6],
    effect: (factor) => ({ bytesIn: factor }),
    expects: { LiveKitCloudBandwidthJumped: 0 },
    explains: roomLoad,
  },
  {
    name: 'the project receives more',
    minutes: [15, 60],
    count: 1,
    where: 'project',
    strength: [3, 6],
    effect: (factor) => ({ bytesOut: factor }),
    expects: { LiveKitCloudBandwidthJumped: 0 },
    explains: roomLoad,
  },
  {
    name: 'people vanish from the project',
    minutes: [15, 60],
    count: 1,
    where: 'project',
    strength: [0, 0.15],
    effect: (factor) => ({ people: factor, bytesIn: factor, bytesOut: factor }),
    expects: { LiveKitCloudParticipantsCollapsed: 0, LiveKitCloudBandwidthCollapsed: 0 },
    explains: roomLoad,
  },
  {
    name: 'the project sends less',
    minutes: [15, 60],
    count: 1,
    where: 'project',
    strength: [0, 0.15],
    effect: (factor) => ({ bytesIn: factor }),
    expects: { LiveKitCloudBandwidthCollapsed: 0 },
    explains: /^LiveKitCloudRoom(Bandwidth|WithoutTraffic)|EgressOnEmptyRoom/,
  },
  {
    name: 'the project receives less',
    minutes: [15, 60],
    count: 1,
    where: 'project',
    strength: [0, 0.15],
    effect: (factor) => ({ bytesOut: factor }),
    expects: { LiveKitCloudBandwidthCollapsed: 0 },
    explains: /^LiveKitCloudRoom(Bandwidth|WithoutTraffic)/,
  },
  {
    name: 'a room has more people',
    minutes: [10, 15],
    count: 2,
    where: 'settled room',
    strength: [5, 8],
    effect: (factor) => ({ people: factor }),
    expects: { LiveKitCloudRoomParticipantsJumped: 0 },
    explains: anyLoad,
  },
  {
    name: 'a room is larger than any',
    minutes: [20, 30],
    count: 1,
    where: 'new room',
    strength: [700, 1200],
    session: (people) => ({ people, inRate: 1.5e6, outRate: people * 500_000 }),
    expects: { LiveKitCloudRoomParticipantsJumped: 0 },
    explains: anyLoad,
  },
  {
    name: 'a room moves more',
    minutes: [10, 15],
    count: 2,
    where: 'settled room',
    strength: [5, 8],
    effect: (factor) => ({ bytesIn: factor, bytesOut: factor }),
    expects: { LiveKitCloudRoomBandwidthJumped: 0 },
    explains: anyLoad,
  },
  {
    name: 'people vanish from a room',
    minutes: [10, 15],
    count: 2,
    where: 'settled room',
    strength: [0, 0.08],
    effect: (factor) => ({ people: factor, bytesIn: factor, bytesOut: factor }),
    expects: { LiveKitCloudRoomParticipantsCollapsed: 0 },
    explains: roomLoad,
  },
  {
    name: 'a room moves less',
    minutes: [10, 15],
    count: 2,
    where: 'settled room',
    strength: [0, 0.1],
    effect: (factor) => ({ bytesIn: factor, bytesOut: factor }),
    expects: { LiveKitCloudRoomBandwidthCollapsed: 0 },
    explains: roomLoad,
  },
  {
    name: 'a room takes most of the bandwidth',
    minutes: [25, 40],
    count: 1,
    where: 'new room',
    // Of what the project usually receives, which in its busiest hours is twice and more of that.
    strength: [15, 25],
    session: (factor, usualOut) => ({
      people: 40,
      inRate: 1e6,
      outRate: factor * Math.max(usualOut, 10e6),
    }),
    expects: { LiveKitCloudRoomDominatesBandwidth: 600 },
    explains: /^LiveKitCloud(Room)?Bandwidth/,
  },
  {
    name: 'a room without traffic',
    minutes: [40, 60],
    count: 1,
    where: 'new room',
    strength: [2, 8],
    session: (people) => ({ people: Math.round(people), inRate: 0, outRate: 0 }),
    // The session may take ten minutes to begin; from then on ten minutes are too long.
    expects: { LiveKitCloudRoomWithoutTraffic: 600 + 480 },
    explains: /^$/,
  },
  {
    name: 'an egress of an empty room',
    minutes: [25, 40],
    count: 1,
    where: 'new room',
    strength: [1, 1],
    session: (people) => ({ people, inRate: 0, outRate: 0, egress: true }),
    expects: { LiveKitCloudEgressOnEmptyRoom: 600 },
    explains: /RoomWithoutTraffic/,
  },
  {
    name: 'an egress that does not end',
    minutes: [400, 480],
    count: 1,
    where: 'new room',
    strength: [2, 4],
    session: (people) => ({ people: Math.round(people), inRate: 3e5, outRate: 3e5, egress: true }),
    expects: { LiveKitCloudEgressTooLong: 21_600 },
    explains: /^$/,
  },
  {
    name: 'a session that does not end',
    minutes: [1500, 1560],
    count: 1,
    where: 'new room',
    strength: [2, 4],
    session: (people) => ({ people: Math.round(people), inRate: 3e5, outRate: 3e5 }),
    expects: { LiveKitCloudSessionTooLong: 86_400 },
    explains: /^$/,
  },
  {
    name: 'the exporter is down',
    minutes: [5, 60],
    count: 1,
    where: 'exporter',
    strength: [0, 0],
    trouble: () => 'down',
    expects: { LiveKitCloudExporterDown: 0, LiveKitCloudProjectWithoutExporter: 0 },
    explains: /^$/,
  },
  {
    name: 'the API fails',
    minutes: [20, 60],
    count: 1,
    where: 'exporter',
    strength: [0, 1],
    trouble: (fraction) =>
      (['server', 'timeout', 'network'] as const)[Math.min(2, Math.floor(fraction * 3))]!,
    // Half of ten minutes.
    expects: { LiveKitCloudPollsFailing: 300, LiveKitCloudDataStale: 600 },
    explains: /^$/,
  },
  {
    name: 'the key or plan is refused',
    minutes: [20, 60],
    count: 1,
    where: 'exporter',
    strength: [0, 1],
    trouble: (fraction) => (fraction < 0.5 ? 'auth' : 'plan'),
    expects: { LiveKitCloudAccessRefused: 0, LiveKitCloudDataStale: 600 },
    explains: /LivePollsFailing/,
  },
  {
    name: 'polls hang',
    minutes: [20, 60],
    count: 1,
    where: 'exporter',
    strength: [0, 0],
    trouble: () => 'hanging',
    expects: { LiveKitCloudDataStale: 600 },
    explains: /^$/,
  },
  {
    name: 'the budget is too small',
    minutes: [30, 60],
    count: 1,
    where: 'exporter',
    strength: [0, 0],
    trouble: () => 'starved',
    // Two seconds of waiting in each make half a second in the mean of 15 minutes after a quarter of them; then 10 minutes.
    expects: { LiveKitCloudBudgetTooSmall: 15 * 60 * 0.25 + 600 },
    explains: /^$/,
  },
  {
    name: 'the live source fails',
    minutes: [20, 60],
    count: 1,
    where: 'exporter',
    strength: [0, 0],
    trouble: () => 'live',
    expects: { LiveKitCloudLivePollsFailing: 600 },
    explains: /^$/,
  },
  {
    name: 'egresses fail',
    minutes: [20, 60],
    count: 1,
    where: 'exporter',
    strength: [0, 0],
    trouble: () => 'egresses',
    expects: { LiveKitCloudEgressesFailing: 60 },
    explains: /^$/,
  },
  {
    name: 'the session list makes up sessions',
    minutes: [80, 110],
    count: 1,
    where: 'exporter',
    strength: [0, 0],
    trouble: () => 'ghosts',
    expects: { LiveKitCloudSessionsUnconfirmed: 3600 },
    explains: /^$/,
  },
  {
    name: 'the limit of egresses is reached',
    minutes: [20, 60],
    count: 1,
    where: 'exporter',
    strength: [0, 0],
    trouble: () => 'limit',
    expects: { LiveKitCloudPlanLimitNear: 300, LiveKitCloudPlanLimitReached: 60 },
    explains: /^$/,
  },
  {
    name: 'the month is used up',
    minutes: [20, 60],
    count: 1,
    where: 'exporter',
    strength: [0, 0],
    trouble: () => 'budget',
    expects: {
      LiveKitCloudIncludedNearlyUsed: 300,
      LiveKitCloudIncludedUsedUp: 300,
      LiveKitCloudCostAboveBudget: 300,
    },
    explains: /^$/,
  },
  {
    name: 'the month will be too expensive',
    minutes: [80, 110],
    count: 1,
    notInDays: 2,
    where: 'exporter',
    strength: [0, 0],
    trouble: () => 'forecast',
    expects: { LiveKitCloudForecastAboveBudget: 3600 },
    explains: /IncludedNearlyUsed/,
  },
  {
    name: 'a customer takes most of the month',
    minutes: [80, 110],
    count: 1,
    notInDays: 3,
    where: 'exporter',
    strength: [0, 0],
    trouble: () => 'customer',
    expects: { LiveKitCloudGroupDominates: 3600 },
    explains: /^$/,
  },
];
