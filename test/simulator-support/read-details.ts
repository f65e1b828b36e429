// Adds up the details of a session in every spelling, the slow and obvious way: what the simulator's tests compare with
// the truth.
import { noUsage, type Usage } from './usage.ts';
import type { WireObject } from './spelling.ts';
import { field, readTime } from './read-row.ts';

const sourceNames = ['cameraTrack', 'microphoneTrack', 'screenShareTrack', 'screenShareAudio'] as const;

/** What an answer comes to; connections without an end last until `until`, Unix seconds. */
export function readUsage(details: WireObject, until: number): Usage {
  const usage = noUsage();
  const ended = readTime(field(details, 'endTime')) > 0;
  for (const participant of field(details, 'participants') as WireObject[]) {
    const stays = (field(participant, 'sessions') as WireObject[]).map(readStay);
    const minutes = stays.map((stay) => Math.ceil(micros(stay, until) / 60e6));
    usage.connections += stays.length;
    usage.reconnects += stays.length - 1;
    usage.connected += sum(stays.map((stay) => micros(stay, until)));
    usage.billableMinutes += sum(minutes);
    count(usage.regions, field(participant, 'region'), stays.length);
    count(usage.connectionTypes, field(participant, 'connectionType'), stays.length);
    count(usage.sdks, field(participant, 'sdkVersion'), stays.length);
    if (ended) {
      usage.stays++;
      usage.stayed += micros(readStay(participant), until);
    } else if (readStay(participant).leftAt === 0) {
      const published = field(participant, 'publishedSources') as WireObject;
      for (const source of sourceNames) if (field(published, source) === true) usage.publishing[source]++;
    }
  }
  return usage;
}

interface Stay {
  readonly joinedAt: number;
  /** 0: it lasts. */
  readonly leftAt: number;
}

function readStay(value: WireObject): Stay {
  return { joinedAt: readTime(field(value, 'joinedAt')), leftAt: readTime(field(value, 'leftAt')) };
}

function micros({ joinedAt, leftAt }: Stay, until: number): number {
  return Math.round(((leftAt || until) - joinedAt) * 1e6);
}

function count(counts: Map<string, number>, value: unknown, connections: number): void {
  if (typeof value === 'string') counts.set(value, (counts.get(value) ?? 0) + connections);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
