// What the schema is made of: sections of settings, each for some commands.
import * as z from 'zod';

export const commands = {
  serve: 'Poll LiveKit Cloud and serve /metrics. The default command.',
  demo: 'The same with a built-in simulated LiveKit Cloud. Needs no account.',
  once: 'Poll once, print the metrics to standard output and exit.',
  doctor: 'Check configuration, network, clock, credentials, plan and request budget.',
  history: 'Write the last seven days as OpenMetrics files that promtool imports.',
  simulate: 'Serve only the simulated LiveKit Cloud, for other programs to poll.',
} as const;

export type Command = keyof typeof commands;

export const commandNames = Object.keys(commands) as readonly Command[];

declare module 'zod' {
  interface GlobalMeta {
    /** What is allowed, as it ends a sentence. */
    allowed?: string;
    /** Never repeated in a message. */
    isSecret?: boolean;
    /** The default of the command `demo`, where it has one of its own. */
    demoDefault?: unknown;
    /** Where a section or setting has a meaning; the other commands refuse its flag. */
    commands?: readonly Command[];
    /** A variable that others have named, of lower rank than the one that every flag has. */
    variable?: string;
    /** Its flag, where that is not its key. */
    flag?: string;
  }
}

/** `stale_after` becomes `staleAfter`. */
type Camel<Key> = Key extends `${infer Head}${'_' | '.'}${infer Tail}`
  ? `${Head}${Capitalize<Camel<Tail>>}`
  : Key;

type CamelKeys<Values> = { readonly [Key in keyof Values as Camel<Key>]: Values[Key] };

/** What is not set is left out. */
function camelKeys<Values extends object>(values: Values): CamelKeys<Values> {
  const camel = (key: string) => key.replaceAll(/[_.]([a-z])/g, (_, letter: string) => letter.toUpperCase());
  const given = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given.map(([key, value]) => [camel(key), value])) as CamelKeys<Values>;
}

/** Settings that belong together, and the commands for which they are. */
export function section<Shape extends z.ZodRawShape>(
  title: string,
  commands: readonly Command[],
  shape: Shape,
) {
  return subsection(shape).meta({ title, commands });
}

/** A kind of value with its default, as a file would have it, and its meaning: a sentence or two, code in backticks. */
export function setting<Kind extends z.ZodType>(
  kind: Kind,
  byDefault: unknown,
  description: string,
  more: Pick<z.GlobalMeta, 'demoDefault' | 'commands' | 'variable' | 'flag'> = {},
) {
  return kind.prefault(byDefault as never).meta({ description, ...more });
}

/** A section inside of another one. Without it, all that is in it is at its default. */
export function subsection<Shape extends z.ZodRawShape>(shape: Shape) {
  return z
    .strictObject(shape)
    .transform(camelKeys)
    .prefault({} as never);
}

// What serve takes doctor takes, too: it is put before the same flags.
export const polling: Command[] = ['serve', 'demo', 'once', 'doctor'];
export const reading: Command[] = [...polling, 'history'];
export const account: Command[] = ['serve', 'once', 'doctor', 'history'];
export const serving: Command[] = ['serve', 'demo', 'doctor'];
