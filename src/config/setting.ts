// What a setting is, and the commands that settings are of.
import type { Kind } from './kinds.ts';

export type Command = 'serve' | 'demo' | 'once' | 'doctor' | 'simulate';

/** The commands and what each does. */
export const commands: Readonly<Record<Command, string>> = {
  serve: 'poll and serve /metrics (the default command)',
  demo: 'the same against a built-in simulated Analytics API: no account needed',
  once: 'one poll, print the exposition to standard output, exit',
  doctor: 'check configuration, credentials, plan, clock and API, name the cause of what is wrong',
  simulate: 'only the simulated Analytics API, on its own port',
};

export const commandNames = Object.keys(commands) as readonly Command[];

export interface Setting {
  readonly kind: Kind<unknown>;
  /** As a user would write it; a list only for what cannot be a flag. */
  readonly default: string | readonly [];
  /** The default of the command `demo`, where it has one of its own. */
  readonly demoDefault?: string;
  /** One sentence or two; code stands in backticks. */
  readonly help: string;
  /** Where it has a meaning; the other commands refuse its flag. */
  readonly commands: readonly Command[];
  /** Further environment variables, of lower rank than the one every flag has; the first that is set counts. */
  readonly variables?: readonly Variable[];
}

export interface Variable {
  readonly name: string;
  /** How its value is written, where that is not as the flag's. */
  readonly kind?: Kind<unknown>;
}
