// What the pages for people show about the program. Times are Unix seconds throughout.
import type { PollFailure, ProjectStatus } from '../poll/poll-status.ts';
import type { ReplicaStatus } from '../state/replica.ts';

export interface ProgramStatus {
  readonly version: string;
  readonly startedAt: number;
  readonly now: number;
  readonly projects: readonly ProjectStatus[];
  /** Grafana's address for browsers; empty: the pages do not link to it. */
  readonly grafanaUrl: string;
  readonly push: PushStatus | undefined;
  readonly state: StateStatus | undefined;
  readonly sharing?: SharingStatus | undefined;
  /** Empty while the configuration as it is now is in use. */
  readonly configurationFailures: readonly ConfigurationFailure[];
}

export interface StateStatus {
  /** The path of the folder, or the address of the server. */
  readonly place: string;
  readonly lastWriteAt: number | undefined;
  readonly failure: { readonly message: string; readonly since: number } | undefined;
}

/** This exporter as one of the replicas that share the projects. */
export interface SharingStatus extends ReplicaStatus {
  /** Projects that are not polled here, in the order of the configuration; `replica` is undefined where none polls one yet. */
  readonly elsewhere: readonly { readonly project: string; readonly replica: string | undefined }[];
}

/** A reload that failed, or a web configuration file that is not used as it is now. */
export interface ConfigurationFailure {
  /** What cannot be used, as a sentence begins: "The configuration". */
  readonly what: string;
  readonly since: number;
  /** Without secrets. */
  readonly problems: readonly string[];
}

export interface PushStatus {
  /** The address that is pushed to, without anything secret. */
  readonly receiver: string;
  readonly protocol: string;
  /** Seconds. */
  readonly interval: number;
  /** When the last push that was delivered in full ended. */
  readonly lastSuccessAt: number | undefined;
  /** Of the last push; undefined when it arrived, or when none has ended yet. */
  readonly failure: FailureStatus | undefined;
}

/** A failed poll or push in words. */
export type FailureStatus = Omit<PollFailure, 'reason'> & { readonly reason: string };
