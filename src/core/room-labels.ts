// From the name that a customer gave a room to the value of the label `room`.
import { LRUCache } from 'lru-cache';

/** The label value under which everything is summed that has no series of its own. */
export const otherLabel = '__other__';

/** Matches whole names, in time that grows linearly with their length: customers choose them. */
export interface NamePattern {
  test(name: string): boolean;
}

/** The name that another one becomes; undefined where the rule does not apply. Linear, too. */
export interface NameRewrite {
  apply(name: string): string | undefined;
}

export interface RoomLabelRules {
  /** A room published under its own name matches it. */
  readonly include: NamePattern;
  /** Wins over `include`. */
  readonly exclude: NamePattern;
  /** Rewrites names before anything is counted; the first rule that applies wins. */
  readonly rewrite: readonly NameRewrite[];
}

export interface RoomLabel {
  readonly name: string;
  /** False for a room that is only ever summed in `__other__`. */
  readonly publishable: boolean;
}

/** How many names are remembered. Recurring rooms meet the patterns once, single-use rooms cost no memory. */
const rememberedNames = 10_000;

/** Applies the rules; the same name always has the same label. */
export function roomLabels(rules: RoomLabelRules): (roomName: string) => RoomLabel {
  const remembered = new LRUCache<string, RoomLabel>({ max: rememberedNames });
  return (roomName) => {
    let label = remembered.get(roomName);
    if (!label) {
      const name = rewritten(roomName, rules.rewrite);
      label = { name, publishable: publishable(name, rules) };
      remembered.set(roomName, label);
    }
    return label;
  };
}

function rewritten(roomName: string, rules: readonly NameRewrite[]): string {
  for (const rule of rules) {
    const name = rule.apply(roomName);
    if (name !== undefined) return name;
  }
  return roomName;
}

function publishable(name: string, { include, exclude }: RoomLabelRules): boolean {
  // An empty label value is no label at all to Prometheus, and `__other__` is taken.
  if (name === '' || name === otherLabel) return false;
  return include.test(name) && !exclude.test(name);
}
