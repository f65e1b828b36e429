// Reads dates as HTTP headers write them.

/** The forms of RFC 9110, section 5.6.7: the present one, RFC 850's and asctime's, which leaves GMT out. */
const forms = [
  /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/,
  /^[A-Z][a-z]+day, \d{2}-[A-Z][a-z]{2}-\d{2} \d{2}:\d{2}:\d{2} GMT$/,
  /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/,
];

/** Unix seconds; undefined when the header is missing or no such date. */
export function httpDate(header: string | undefined): number | undefined {
  if (header === undefined || !forms.some((form) => form.test(header))) return undefined;
  // Without a zone Date.parse would take the time for a local one.
  const seconds = Date.parse(header.endsWith(' GMT') ? header : `${header} GMT`) / 1000;
  return Number.isNaN(seconds) ? undefined : seconds;
}
