import { describe, expect, it } from 'vitest';
import { breakDetails, detailsBreakages, type DetailsBreakage } from './broken-answers.ts';
import { ScriptedCloud } from './scripted-cloud.ts';
import { sessionDetails } from '../../src/simulator/session-answers.ts';
import { documentedSpelling, respelled, type WireObject } from './spelling.ts';
import { listPath, now, simulate } from './running-simulator.ts';

const cloud = new ScriptedCloud({ startedAt: now });
const participants = [
  { joinedAt: now - 60, leftAt: now - 50, then: [{ joinedAt: now - 40 }] },
  { joinedAt: now - 60 },
  { joinedAt: now - 30 },
];
cloud.addSession({ id: 'RM_1', roomName: 'a', startsAt: now - 60, participants });

/** Of each participant in the answer: who it is, whether it has times, how many connections. */
function shape(details: WireObject): unknown[] {
  return (details['participants'] as WireObject[]).map((participant) => [
    participant['participantIdentity'] ?? participant['participant_identity'],
    Object.keys(participant).some((name) => /^(joined|left)_?at$/i.test(name)),
    (participant['sessions'] as unknown[] | undefined)?.length ?? 0,
  ]);
}

const [one, two, three] = [
  ['participant-1', true, 2],
  ['participant-2', true, 1],
  ['participant-3', true, 1],
];

describe('broken details', () => {
  const table: Record<DetailsBreakage, unknown[]> = {
    nobody: [],
    first_half: [one, two],
    first_without_times: [['participant-1', false, 0], two, three],
    everybody_twice: [one, two, three, one, two, three],
    connections_twice: [
      ['participant-1', true, 4],
      ['participant-2', true, 2],
      ['participant-3', true, 2],
    ],
  };
  it.each(detailsBreakages)('%s, in both spellings of names', (breakage) => {
    for (const fields of ['camelCase', 'snake_case'] as const) {
      const documented = JSON.parse(
        JSON.stringify(sessionDetails(cloud.session('RM_1')!, now)),
      ) as WireObject;
      const details = respelled(documented, { ...documentedSpelling, fields });
      const broken = breakDetails(details, breakage);
      expect(shape(broken)).toEqual(table[breakage]);
      expect({ ...broken, participants: [] }).toEqual({ ...details, participants: [] });
    }
  });

  it('are what the order is for, the list is not', async () => {
    const simulator = await simulate(cloud);
    simulator.faults.order({ kind: 'broken_details', breakage: 'nobody', endpoint: 'session' });
    const read = async (path: string): Promise<WireObject> =>
      (await (await simulator.get(path)).json()) as WireObject;
    expect((await read(listPath))['sessions']).toHaveLength(1);
    expect((await read(`${listPath}/RM_1`))['participants']).toEqual([]);
    simulator.faults.clear();
    expect((await read(`${listPath}/RM_1`))['participants']).toHaveLength(3);
  });
});
