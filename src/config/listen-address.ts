// Listen addresses as Go programs write them.
import { isIPv6 } from 'node:net';
import type { ListenAddress } from './settings.ts';

const hostName = /^[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/;

/** Understands `:17880`, `127.0.0.1:17880`, `localhost:17880` and `[::1]:17880`; undefined for anything else. */
export function parseListenAddress(text: string): ListenAddress | undefined {
  const parts = /^(?:\[(?<ipv6>[^\]]+)\]|(?<name>[^:[\]]*)):(?<port>\d{1,5})$/.exec(text)?.groups;
  const port = Number(parts?.['port'] ?? NaN);
  if (!parts || port > 65_535) return undefined;
  const { ipv6, name = '' } = parts;
  if (ipv6 !== undefined) return isIPv6(ipv6) ? { host: ipv6, port } : undefined;
  return name === '' || hostName.test(name) ? { host: name, port } : undefined;
}
