// The elements of Accept headers and their weights (RFC 9110, section 12.4.2).

/** One element: `text/plain;version=0.0.4;q=0.5`. Names are in lower case. */
export interface Acceptable {
  readonly name: string;
  readonly parameters: ReadonlyMap<string, string>;
  /** 0 to 1. */
  readonly weight: number;
}

/** Splits at what stands outside of quotes. */
const elements = /(?:[^",]|"(?:[^"\\]|\\.)*"?)+/g;
const parts = /(?:[^";]|"(?:[^"\\]|\\.)*"?)+/g;

export function acceptables(header: string): Acceptable[] {
  return (header.match(elements) ?? []).map((element) => {
    const [name = '', ...rest] = (element.match(parts) ?? []).map((part) => part.trim());
    const parameters = new Map(rest.map(parameter));
    return { name: name.toLowerCase(), parameters, weight: rest.length === 0 ? 1 : weightOf(parameters) };
  });
}

function parameter(text: string): [name: string, value: string] {
  const [name = '', ...value] = text.split('=');
  const unquoted = value
    .join('=')
    .trim()
    .replace(/^"(.*)"$/, '$1');
  return [name.trim().toLowerCase(), unquoted];
}

/** A weight that cannot be read counts as a refusal: there is always something else that everybody understands. */
function weightOf(parameters: ReadonlyMap<string, string>): number {
  const weight = parameters.get('q');
  if (weight === undefined) return 1;
  return /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(weight) ? Number(weight) : 0;
}
