// Finds settings among the environment variables.
import { givenText, givenTexts } from './given.ts';
import type { Given, Report } from './given.ts';
import { nearest } from './nearest.ts';
import { read } from './readings.ts';
import type { Reading, Readings } from './readings.ts';
import { projectVariables } from './project-keys.ts';
import { flagKeys, keyNamed, variableName, variablePrefix } from './setting-names.ts';
import { setting } from './settings-table.ts';
import type { Command, Key } from './settings-table.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * What Kubernetes adds to every container for a service that happens to be called `livekit-exporter`:
 * LIVEKIT_EXPORTER_SERVICE_HOST, LIVEKIT_EXPORTER_PORT_17880_TCP and so on.
 */
const serviceLink =
  /_(?:SERVICE_HOST|SERVICE_PORT(?:_\w+)?|PORT(?:_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)?)$/;

/**
 * The settings of a command by their own variables, and those by a second variable. A variable that is set to
 * nothing counts as not set. Unknown variables with our prefix are mistakes.
 */
export function readEnvironment(
  environment: Environment,
  command: Command,
  report: Report,
): { readonly own: Readings; readonly second: Readings } {
  for (const name of Object.keys(environment)) {
    if (!name.startsWith(variablePrefix) || keyNamed(name, variableName) || serviceLink.test(name)) continue;
    const named = projectVariables.find((known) => known === name.replace('EXPORTER_', ''));
    const known = named ?? nearest(name, flagKeys.map(variableName));
    report(`${name}: unknown variable; the nearest known one is ${known}`);
  }

  const own = new Map<Key, Reading>();
  const second = new Map<Key, Reading>();
  for (const key of flagKeys) {
    const { commands, variable } = setting(key);
    if (!commands.includes(command)) continue;
    const given = fromVariable(environment, variableName(key), key);
    if (given) own.set(key, read(key, given, report));
    const alias = variable && fromVariable(environment, variable, key);
    if (alias) second.set(key, read(key, alias, report));
  }
  return { own, second };
}

function fromVariable(environment: Environment, name: string, key: Key): Given | undefined {
  const text = environment[name];
  if (!text) return undefined;
  if (setting(key).kind.flag !== 'repeatable') return givenText(name, text);
  return givenTexts(
    name,
    text.split(',').map((part) => part.trim()),
  );
}
