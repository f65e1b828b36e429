// Numbers that stand for states, and the words for them.
import { MappingType, type ValueMapping } from '@grafana/grafana-foundation-sdk/dashboard';
import { colours } from './colours.ts';

type Words = Readonly<Record<string, readonly [text: string, colour: string]>>;

function words(byValue: Words): ValueMapping[] {
  const options = Object.fromEntries(
    Object.entries(byValue).map(([value, [text, color]], index) => [value, { text, color, index }]),
  );
  return [{ type: MappingType.ValueToText, options }];
}

export const upOrDown = words({ '1': ['up', colours.good], '0': ['down', colours.bad] });

export const recording = words({ '1': ['active', colours.egresses], '0': ['-', colours.quiet] });

export const egressStates = words({
  '2': ['active', colours.egresses],
  '1': ['ended', colours.sessions],
  '0': ['never', colours.quiet],
});

/** Which source knows a room. */
export const oneSource = words({
  '1': ['session list', colours.doubtful],
  '2': ['live source', colours.rooms],
});

/** Of a configuration that was read again. */
export const usableOrNot = words({ '1': ['in use', colours.good], '0': ['has a mistake', colours.bad] });

/** Where there is nothing that session details would tell. */
export const switchedOff = 'Needs session details: details.enabled is off';
