// The settings of the schema as a list, and what each is called in each source: all names follow from its key.
import * as z from 'zod';
import { fileSchema, schema } from './schema.ts';
import { kindOf, shapeOf } from './validation.ts';

export const variablePrefix = 'LIVEKIT_EXPORTER_';

function isInFile([section = '', name]: readonly string[]): boolean {
  if (!Object.hasOwn(fileSchema.shape, section)) return false;
  const own = shapeOf(kindOf(fileSchema.shape[section as keyof typeof fileSchema.shape]));
  return own === undefined || Object.hasOwn(own, name ?? '');
}

function describe(path: readonly string[], leaf: z.ZodPrefault, section?: z.GlobalMeta) {
  const key = path.join('.');
  const kind = kindOf(leaf);
  const element = kind instanceof z.ZodArray ? (kind.element as z.ZodType).meta() : kind.meta();
  const { description = '', demoDefault, variable, commands = section?.commands ?? [] } = leaf.meta() ?? {};
  const { flag = key.replaceAll('_', '-') } = leaf.meta() ?? {};
  const form = kind instanceof z.ZodBoolean ? 'switch' : kind instanceof z.ZodArray ? 'repeatable' : 'value';
  const ownVariable = variablePrefix + flag.toUpperCase().replaceAll(/[.-]/g, '_');
  return {
    /** Sections and name, `poll.stale_after`; the name alone where there is no section. */
    key,
    path,
    kind,
    description,
    commands,
    demoDefault,
    /** As a file would have it; undefined where there is none. */
    byDefault: leaf.def.defaultValue as unknown,
    title: section?.title ?? 'Other',
    allowed: element?.allowed ?? kind.meta()?.allowed ?? '',
    /** How it is given as text; undefined: only a file can hold it, as no text is allowed. */
    form: element?.allowed === undefined ? undefined : form,
    /** Command lines are seen by others: a secret has no flag. */
    isSecret: element?.isSecret ?? false,
    /** Without the leading dashes: `poll.stale-after`. */
    flag,
    /** Of falling rank. */
    variables: variable === undefined ? [ownVariable] : [ownVariable, variable],
    isInFile: isInFile(path),
  };
}

export type Setting = ReturnType<typeof describe>;

/** In the order of the schema. */
export const settings: readonly Setting[] = Object.entries(schema.shape).flatMap(([name, part]) =>
  describeAll([name], part, part.meta()),
);

function describeAll(path: readonly string[], part: z.ZodType, section?: z.GlobalMeta): Setting[] {
  const shape = shapeOf(part);
  if (!shape) return part instanceof z.ZodPrefault ? [describe(path, part, section)] : [];
  return Object.entries(shape).flatMap(([name, inner]) => describeAll([...path, name], inner, section));
}

/** What a variable can hold. */
export const textSettings = settings.filter(({ form }) => form !== undefined);

export const flagSettings = textSettings.filter(({ isSecret }) => !isSecret);
