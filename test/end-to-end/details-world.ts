// Sessions whose details are read by the built program in fast time: what is published of them, and what is true.
import { expect } from 'vitest';
import { ScriptedCloud } from '../simulator-support/scripted-cloud.ts';
import type { SessionScript } from '../simulator-support/scripted-cloud.ts';
import type { Simulator, SimulatorOptions } from '../simulator-support/test-simulator.ts';
import type { RoomTruth } from '../simulator-support/truth.ts';
import { FastClock } from './fast-clock.ts';
import { serve, valueIn, type RunningProgram } from './running-program.ts';
import { environmentOf, project, simulate } from './simulated-api.ts';

export type Totals = Readonly<Record<string, number>>;

export const ofProject = `{project="${project.id}"}`;

/** Whoever there is in the answers of the simulated API. */
export const somebody = /participant-\d|Participant \d|PA_/;

export class DetailsWorld {
  readonly clock: FastClock;
  readonly cloud: ScriptedCloud;
  #simulator: Simulator | undefined;

  /** @param speed How many times as fast as the machine's time passes. */
  constructor(speed: number) {
    this.clock = new FastClock(speed);
    this.cloud = new ScriptedCloud({ startedAt: this.clock.now() });
  }

  get simulator(): Simulator {
    return this.#simulator ?? expect.fail('The API is not simulated yet.');
  }

  async simulate(options: Partial<SimulatorOptions> = {}): Promise<Simulator> {
    const { now } = this.clock;
    return (this.#simulator = await simulate(this.cloud, { now, tokenNow: now, ...options }));
  }

  /** The program with details, and with everything in its log. */
  serve(flags: Readonly<Record<string, string>> = {}, withAccount = true): RunningProgram {
    return serve(
      { ...(withAccount && environmentOf(this.simulator)), ...this.clock.environment },
      {
        'poll.interval': '30s',
        // Of the machine's time, that is a few seconds.
        'api.request-timeout': '5m',
        'log.level': 'debug',
        ...flags,
      },
    );
  }

  /** A session of two minutes with two people, of whom one comes back, in a room of the same name. */
  addSession(id: string, startsAt: number, script: Partial<SessionScript> = {}): void {
    const participants = [
      { joinedAt: startsAt + 1.25, leftAt: startsAt + 61.5, then: [{ joinedAt: startsAt + 70 }] },
      { joinedAt: startsAt + 20, leftAt: startsAt + 80 },
    ];
    const usual = { roomName: id, endsAt: startsAt + 120, inRate: 100, outRate: 1000, participants };
    this.cloud.addSession({ id, startsAt, ...usual, ...script });
  }

  /** What the API says of these sessions in the end, each in a room of its own. */
  truth(ids: readonly string[]): { readonly usage: Usage; readonly listed: Totals } {
    const { rooms } = this.simulator.truth(project.id, this.clock.now(), { usage: true });
    const sum = (value: (room: RoomTruth) => number) =>
      ids.reduce((total, id) => total + value(rooms.get(id) ?? expect.fail(`There is no room ${id}.`)), 0);
    return {
      usage: {
        connections: sum(({ usage }) => usage.connections),
        seconds: sum(({ usage }) => usage.connected) / 1e6,
        billable: sum(({ usage }) => usage.billableMinutes) * 60,
        reconnects: sum(({ usage }) => usage.reconnects),
        stays: sum(({ usage }) => usage.stays),
        bytes: sum(({ bandwidthOut }) => bandwidthOut),
      },
      listed: {
        started: sum(({ sessions }) => sessions),
        ended: sum(({ endedSessions }) => endedSessions),
        joined: sum(({ participants }) => participants),
        bytes: sum(({ bandwidthIn }) => bandwidthIn),
      },
    };
  }
}

export type Usage = Record<'connections' | 'seconds' | 'billable' | 'reconnects' | 'stays' | 'bytes', number>;

/** The counters that come of details. */
export function usageIn(metrics: string): { readonly [Name in keyof Usage]: number | undefined } {
  const value = (name: string) => valueIn(metrics, `livekit_cloud_${name}${ofProject}`);
  return {
    connections: value('participant_connections_total'),
    seconds: value('connection_seconds_total'),
    billable: value('billable_connection_seconds_total'),
    reconnects: value('participant_reconnects_total'),
    stays: value('participant_duration_seconds_count'),
    bytes: value('billable_bandwidth_bytes_total'),
  };
}

/** Counters of the session list. */
export function listedIn(metrics: string): Readonly<Record<string, number | undefined>> {
  const value = (name: string) => valueIn(metrics, `livekit_cloud_${name}${ofProject}`);
  return {
    started: value('sessions_started_total'),
    ended: value('sessions_ended_total'),
    joined: value('participants_joined_total'),
    bytes: value('bandwidth_in_bytes_total'),
  };
}

/** By reason, of those that are not 0. `labels`: what stands between the project and the reason. */
export function reasonsIn(metrics: string, name: string, labels = ''): Record<string, number> {
  const line = new RegExp(
    `^livekit_cloud_exporter_${name}\\{project="${project.id}",${labels}reason="(\\w+)"\\} (\\d+)`,
    'gm',
  );
  const all = [...metrics.matchAll(line)].map(([, reason = '', count]) => [reason, Number(count)] as const);
  return Object.fromEntries(all.filter(([, count]) => count > 0));
}

/** Of the exporter about itself. */
export function ownValue(metrics: string, name: string): number | undefined {
  return valueIn(metrics, `livekit_cloud_exporter_${name}${ofProject}`);
}
