// Turns the name that a customer gave a room into the value of the label `room`.
import { LRUCache } from 'lru-cache';

/** The label value that sums up everything without a series of its own. */
export const otherLabel = '__other__';

/** Matches whole names, in time that grows linearly with their length: customers choose them. */
export interface NamePattern {
  test(name: string): boolean;
}

/** The rewritten name; undefined where the rule does not apply. Linear, too. */
export interface NameRewrite {
  apply(name: string): string | undefined;
}

export interface RoomLabelRules {
  /** Only rooms that match it are published one by one. */
  readonly include: NamePattern;
  /** Wins over `include`. */
  readonly exclude: NamePattern;
  /** Rewrites names before anything is counted; the first rule that applies wins. */
  readonly rewrite: readonly NameRewrite[];
}

export interface RoomLabel {
  readonly name: string;
  /** False for a room that is always summed in `__other__`. */
  readonly publishable: boolean;
}

/** The group of all rooms to which no rule applies. */
export const noGroup = '__none__';

/** Names that are remembered: recurring rooms are matched once, and single-use rooms do not fill the memory. */
const rememberedNames = 10_000;

/** Applies the rules; the same name always has the same label. */
export function roomLabels({ include, exclude, rewrite }: RoomLabelRules): (roomName: string) => RoomLabel {
  return remembering((roomName) => {
    const name = rewritten(roomName, rewrite) ?? roomName;
    // To Prometheus an empty label value is no label, and `__other__` is taken.
    const isUsable = name !== '' && name !== otherLabel;
    return { name, publishable: isUsable && include.test(name) && !exclude.test(name) };
  });
}

/** Turns a room's name, as `labelRoom` rewrites it, into the value of the label `group`. The first rule that applies wins. */
export function groupLabels(
  rules: readonly NameRewrite[],
  labelRoom: (roomName: string) => RoomLabel,
): (roomName: string) => RoomLabel {
  return remembering((roomName) => groupLabel(rewritten(labelRoom(roomName).name, rules)));
}

/** To Prometheus an empty label value is no label. */
export function groupLabel(group: string | undefined): RoomLabel {
  return { name: group || noGroup, publishable: group !== otherLabel };
}

function remembering(label: (roomName: string) => RoomLabel): (roomName: string) => RoomLabel {
  const remembered = new LRUCache<string, RoomLabel>({
    // With `max` the cache would take the room for all of them at once, for each project.
    maxSize: rememberedNames,
    sizeCalculation: () => 1,
    memoMethod: label,
  });
  return (roomName) => remembered.memo(roomName);
}

function rewritten(name: string, rules: readonly NameRewrite[]): string | undefined {
  for (const rule of rules) {
    const result = rule.apply(name);
    if (result !== undefined) return result;
  }
  return undefined;
}
