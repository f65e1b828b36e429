// From the name that a customer gave a room to the value of the label `room`.
import { LRUCache } from 'lru-cache';
import { otherLabel } from './other-label.ts';

export interface RoomLabelRules {
  /** Fully anchored; a room published under its own name matches it. */
  readonly include: RegExp;
  /** Fully anchored; wins over `include`. */
  readonly exclude: RegExp;
  /** Rewrites names before anything is counted; the first match wins. Patterns are fully anchored. */
  readonly group: readonly { readonly pattern: RegExp; readonly replacement: string }[];
}

export interface RoomLabel {
  readonly name: string;
  /** False for a room that is only ever summed in `__other__`. */
  readonly publishable: boolean;
}

/** How many names are remembered. Recurring rooms meet the expressions once, single-use rooms cost no memory. */
const rememberedNames = 10_000;

/** Applies the rules; the same name always has the same label. */
export function roomLabels(rules: RoomLabelRules): (roomName: string) => RoomLabel {
  const remembered = new LRUCache<string, RoomLabel>({ max: rememberedNames });
  return (roomName) => {
    let label = remembered.get(roomName);
    if (!label) {
      const name = grouped(roomName, rules.group);
      label = { name, publishable: publishable(name, rules) };
      remembered.set(roomName, label);
    }
    return label;
  };
}

function grouped(roomName: string, group: RoomLabelRules['group']): string {
  for (const { pattern, replacement } of group) {
    if (pattern.test(roomName)) return roomName.replace(pattern, replacement);
  }
  return roomName;
}

function publishable(name: string, { include, exclude }: RoomLabelRules): boolean {
  // An empty label value is no label at all to Prometheus, and `__other__` is taken.
  if (name === '' || name === otherLabel) return false;
  return include.test(name) && !exclude.test(name);
}
