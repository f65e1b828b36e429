// Addresses to listen on, and how they are written in URLs.

/** `host` '' means all interfaces, IPv6 and IPv4; an IPv6 address has no brackets. `port` 0 means any free one. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** "127.0.0.1:17880", "[::1]:17880". */
export function hostAndPort(host: string, port: number): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
