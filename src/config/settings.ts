// What the configuration comes to: every value present, checked and in the unit its docstring names.
import type { RoomPattern, RoomRewrite } from './room-patterns.ts';

/** A key or secret. */
export interface Credential {
  /**
   * The value now. A credential that stands in a file is read again at each call, so that it can be rotated.
   * Throws an Error that names the setting, never the value, when the file cannot be read or used any more.
   */
  read(): string;
  /** The path of the file in which it stands; undefined when the value itself was given. */
  readonly file?: string;
}

export interface ListenAddress {
  /** Host name or IP address without brackets; empty: all interfaces. */
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
}

/** What can be set for all projects and again inside each. All times in seconds. */
export interface PollingSettings {
  readonly poll: {
    readonly interval: number;
    readonly window: number;
    /** Never less than `interval`. */
    readonly staleAfter: number;
  };
  readonly api: {
    /** Without a trailing slash. */
    readonly url: string;
    readonly pageSize: number;
    readonly concurrency: number;
    readonly requestsPerMinute: number;
    readonly requestTimeout: number;
  };
  readonly rooms: {
    readonly include: RoomPattern;
    readonly exclude: RoomPattern;
    readonly rewrite: readonly RoomRewrite[];
    readonly limit: number;
    readonly linger: number;
  };
  readonly details: {
    /** Whether session details are read. */
    readonly enabled: boolean;
  };
}

export interface ProjectSettings extends PollingSettings {
  /** Value of the label `project`, unique. */
  readonly name: string;
  readonly id: string;
  readonly apiKey: Credential;
  readonly apiSecret: Credential;
}

/** One of several processes that share the projects. */
export interface Shard {
  /** Counts from 0. */
  readonly index: number;
  /** How many there are; 1: this process has all projects. */
  readonly count: number;
}

export interface Settings {
  /** Those of this shard. Empty for `demo` and `simulate`: they bring their own. */
  readonly projects: readonly ProjectSettings[];
  /** What applies to a project that repeats nothing. */
  readonly projectDefaults: PollingSettings;
  readonly config: {
    /** The configuration file; empty when there is none. */
    readonly file: string;
    /** Only check the configuration. */
    readonly check: boolean;
  };
  readonly web: {
    readonly listenAddresses: readonly ListenAddress[];
    readonly telemetryPath: string;
    /** Whether `POST /-/reload` is answered. */
    readonly enableLifecycle: boolean;
    /** The web configuration file; empty: plain HTTP for everybody. */
    readonly configFile: string;
  };
  /** Where counters survive a restart; empty: they start from zero. */
  readonly state: { readonly dir: string };
  readonly log: { readonly level: LogLevel; readonly format: LogFormat };
  /** Whether `doctor` prints JSON. */
  readonly json: boolean;
  /** Used by `demo` and `simulate`. */
  readonly simulator: {
    readonly listenAddress: ListenAddress;
    readonly seed: number;
    /** Simulated seconds per second. */
    readonly speed: number;
    readonly activeRooms: number;
  };
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
export type LogFormat = 'logfmt' | 'json';
