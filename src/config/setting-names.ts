// The settings of the schema as a list, and what each is called in each source: all names follow from its key.
import * as z from 'zod';
import { fileSchema, schema, type Command } from './schema.ts';
import { kindOf } from './validation.ts';

export const variablePrefix = 'LIVEKIT_EXPORTER_';

export interface Setting {
  /** Section and name, `poll.stale_after`; the name alone where there is no section. */
  readonly key: string;
  readonly path: readonly string[];
  /** Of its section. */
  readonly title: string;
  readonly kind: z.ZodType;
  readonly commands: readonly Command[];
  readonly description: string;
  readonly allowed: string;
  /** As a file would have it. */
  readonly byDefault: unknown;
  /** The default of the command `demo`, where it has one of its own. */
  readonly demoDefault: unknown;
  /** How its flag is given; undefined: there is none, because one text does not hold the value. */
  readonly form: 'value' | 'switch' | 'repeatable' | undefined;
  /** Without the leading dashes: `poll.stale-after`. */
  readonly flag: string;
  /** The environment variables, of falling rank. */
  readonly variables: readonly string[];
  readonly isInFile: boolean;
}

/** In the order of the schema. */
export const settings: readonly Setting[] = Object.entries(schema.shape).flatMap(([section, part]) => {
  if (part instanceof z.ZodPrefault) return describe([section], part);
  if (!(part instanceof z.ZodPipe)) return [];
  const leaves = Object.entries(part.in.shape as Record<string, z.ZodPrefault>);
  return leaves.map(([name, leaf]) => describe([section, name], leaf, part.meta() as z.GlobalMeta));
});

function describe(path: readonly string[], leaf: z.ZodPrefault, section?: z.GlobalMeta): Setting {
  const key = path.join('.');
  const kind = kindOf(leaf);
  const element = kind instanceof z.ZodArray ? (kind.element as z.ZodType).meta() : undefined;
  const { description = '', demoDefault, variable, commands = section?.commands ?? [] } = leaf.meta() ?? {};
  const listForm = element?.allowed === undefined ? undefined : 'repeatable';
  return {
    key,
    path,
    title: section?.title ?? 'Other',
    kind,
    commands,
    description,
    allowed: element?.allowed ?? kind.meta()?.allowed ?? '',
    byDefault: leaf.def.defaultValue,
    demoDefault,
    form: kind instanceof z.ZodBoolean ? 'switch' : kind instanceof z.ZodArray ? listForm : 'value',
    flag: key.replaceAll('_', '-'),
    variables: [
      variablePrefix + key.toUpperCase().replaceAll('.', '_'),
      ...(variable === undefined ? [] : [variable]),
    ],
    isInFile: Object.hasOwn(fileSchema.shape, path[0] ?? ''),
  };
}

export const flagSettings = settings.filter(({ form }) => form !== undefined);
