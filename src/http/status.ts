// What the pages for people show about the program, declared by their reader. Times are Unix seconds throughout.

/** Where the program's state is read; called once per page, answers from memory. */
export interface StatusSource {
  read(): ProgramStatus;
}

export interface ProgramStatus {
  readonly version: string;
  readonly startedAt: number;
  readonly now: number;
  readonly projects: readonly ProjectStatus[];
  /** Undefined when nothing is pushed. */
  readonly push: PushStatus | undefined;
  /** Undefined when no state is kept. */
  readonly state: StateStatus | undefined;
  /** Empty while the configuration as it is now is in use. */
  readonly configurationFailures: readonly ConfigurationFailure[];
}

/** Where the counters are kept over restarts. */
export interface StateStatus {
  /** The path of the folder. */
  readonly place: string;
  readonly lastWriteAt: number | undefined;
  /** Undefined while the state can be written. */
  readonly failure: { readonly message: string; readonly since: number } | undefined;
}

/** A reload that failed, or a web configuration file that is not used as it is now. */
export interface ConfigurationFailure {
  /** What cannot be used, as a sentence begins: "The configuration". */
  readonly what: string;
  readonly since: number;
  /** Without secrets. */
  readonly problems: readonly string[];
}

export interface ProjectStatus {
  /** The label `project`. */
  readonly name: string;
  /** Polls that ended, well or not. */
  readonly pollsFinished: number;
  /** The poll that runs now. */
  readonly progress: PollProgress | undefined;
  /** When the last poll ended. */
  readonly lastPollAt: number | undefined;
  /** When the last complete poll ended. */
  readonly lastSuccessAt: number | undefined;
  /** Seconds the last poll took. */
  readonly lastDuration: number | undefined;
  readonly nextPollAt: number | undefined;
  /** Why the last poll failed; undefined when it was complete, or when none has ended yet. */
  readonly failure: FailureStatus | undefined;
  /** Whether the whole of `poll.window` was listed once since the start; until then recent days are. */
  readonly windowComplete: boolean;
  /** Whether `poll.stale_after` has passed since the last complete poll. */
  readonly gaugesWithdrawn: boolean;
  /** Of the last complete poll. */
  readonly active: ActiveNumbers | undefined;
  /** Of the last complete poll, busiest first. The page shows the first ten. */
  readonly busiestRooms: readonly RoomStatus[];
  readonly trackedSessions: number;
  /** Undefined when session details are not read. */
  readonly details: DetailsStatus | undefined;
  readonly budget: RequestBudget;
}

export interface PollProgress {
  readonly startedAt: number;
  /** Pages and rows read so far. */
  readonly pages: number;
  readonly rows: number;
  /** The listing reaches back to here. */
  readonly windowStart: number;
  /** The oldest start of a session read so far. */
  readonly oldestStart: number | undefined;
}

/** A failed poll or push in words: `message` says what happened, `remedy` what the operator can do. */
export interface FailureStatus {
  /** The label `reason`. */
  readonly reason: string;
  readonly message: string;
  readonly remedy: string;
  /** When the first of the failed ones in a row ended. */
  readonly since: number;
}

export interface ActiveNumbers {
  readonly rooms: number;
  readonly sessions: number;
  readonly participants: number;
  readonly egresses: number;
}

export interface DetailsStatus {
  /** Whether any could have been read yet. */
  readonly isRead: boolean;
  /** When the details were read of the active session that waits longest; undefined when none is active. */
  readonly oldestReading: number | undefined;
  /** Sessions whose details were to be read by the last poll. */
  readonly waiting: number;
  /** Sessions whose details are not counted, or not all of them, since the start. */
  readonly dropped: readonly { readonly reason: string; readonly sessions: number }[];
}

/** A room's active sessions. */
export interface RoomStatus {
  /** Chosen by the customer: any text at all. */
  readonly name: string;
  readonly sessions: number;
  readonly participants: number;
  /** Bytes so far, uploaded to and downloaded from LiveKit. */
  readonly bandwidthIn: number;
  readonly bandwidthOut: number;
}

/** What requests to the API came to, retries included. */
export interface RequestUsageStatus {
  readonly lastPollRequests: number | undefined;
  readonly lastMinuteRequests: number;
  /** Seconds, summed over the requests that waited for the budget. */
  readonly lastMinuteWaitSeconds: number;
}

export interface RequestBudget extends RequestUsageStatus {
  readonly requestsPerMinute: number;
}

/** The push by OTLP. */
export interface PushStatus {
  /** The address that is pushed to, without anything secret. */
  readonly receiver: string;
  readonly protocol: string;
  /** Seconds. */
  readonly interval: number;
  /** When the last push ended of which everything was delivered. */
  readonly lastSuccessAt: number | undefined;
  /** Why the last push failed; undefined when it did not, or when none has ended yet. */
  readonly failure: FailureStatus | undefined;
}
