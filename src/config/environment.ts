// Finds settings among the environment variables.
import { givenText, givenTexts } from './given.ts';
import type { Given, Report } from './given.ts';
import { nearest } from './nearest.ts';
import { read } from './readings.ts';
import type { Reading, Readings } from './readings.ts';
import { projectVariables } from './project-keys.ts';
import { flagKeys, keyNamed, variableName, variablePrefix } from './setting-names.ts';
import type { Command } from './setting.ts';
import { setting } from './settings-table.ts';
import type { Key } from './settings-table.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * What Kubernetes adds to every container for a service that happens to be called `livekit-exporter`:
 * LIVEKIT_EXPORTER_SERVICE_HOST, LIVEKIT_EXPORTER_PORT_17880_TCP and so on.
 */
const serviceLink =
  /_(?:SERVICE_HOST|SERVICE_PORT(?:_\w+)?|PORT(?:_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)?)$/;

/**
 * The settings of a command by their own variables. A variable that is set to nothing counts as not set. Unknown
 * variables with our prefix are mistakes.
 */
export function readEnvironment(environment: Environment, command: Command, report: Report): Readings {
  for (const name of Object.keys(environment)) {
    if (!name.startsWith(variablePrefix) || keyNamed(name, variableName) || serviceLink.test(name)) continue;
    const named = projectVariables.find((known) => known === name.replace('EXPORTER_', ''));
    const known = named ?? nearest(name, flagKeys.map(variableName));
    report(`${name}: unknown variable; the nearest known one is ${known}`);
  }

  const readings = new Map<Key, Reading>();
  for (const key of flagKeys.filter((name) => setting(name).commands.includes(command))) {
    const given = fromVariable(environment, variableName(key), key);
    if (given) readings.set(key, read(key, given, report));
  }
  return readings;
}

/** The same settings by variables that others have named. */
export function readOtherVariables(environment: Environment, keys: readonly Key[], report: Report): Readings {
  const readings = new Map<Key, Reading>();
  for (const key of keys) {
    for (const { name, kind = setting(key).kind } of setting(key).variables ?? []) {
      const given = fromVariable(environment, name, key);
      if (!given) continue;
      readings.set(key, { given, value: kind.read(given, report) });
      break;
    }
  }
  return readings;
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
