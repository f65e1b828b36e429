// Which client a request has come from before proxies, as they say it.
import type { IncomingHttpHeaders } from 'node:http';

/** Of the parameter `for` in Forwarded: RFC 7239, section 4. */
const forParameter = /(?:^|[;,\s])for=(?:"([^"]*)"|([^\s;,"]*))/gi;
/** An address with or without a port, which may be another for each request; IPv6 may stand in brackets. */
const addressAndPort = /^(?:\[([\da-f:.]+)\](?::\w+)?|([\d.]+)(?::\w+)?|([\da-f:.]+))$/i;

/**
 * The address that the first proxy has named, in X-Forwarded-For or Forwarded; undefined when none has. Clients can
 * claim anything here: it tells those apart that want to be, and protects nothing.
 */
export function forwardedFor(headers: IncomingHttpHeaders): string | undefined {
  const listed = String(headers['x-forwarded-for'] ?? '').split(',');
  const forwarded = [...(headers.forwarded ?? '').matchAll(forParameter)].map(
    ([, quoted, token]) => quoted ?? token ?? '',
  );
  for (const text of [...listed, ...forwarded]) {
    const [, inBrackets, v4, v6] = addressAndPort.exec(text.trim()) ?? [];
    const address = inBrackets ?? v4 ?? v6;
    if (address !== undefined) return address;
  }
  return undefined;
}
