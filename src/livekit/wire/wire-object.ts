// Objects of the wire format whose fields are spelled either way.

/** With the fields of one of the tables in wire.ts. A field in both spellings counts in camelCase, unless it is null there. */
export type Wire<Fields extends Readonly<Record<string, string>>> = {
  readonly [Field in keyof Fields | Fields[keyof Fields]]?: unknown;
};

export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
