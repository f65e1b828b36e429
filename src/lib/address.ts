// Addresses as they are written in URLs.

/** "127.0.0.1:17880", "[::1]:17880". */
export function hostAndPort(host: string, port: number): string {
  return `${host.includes(':') ? `[${host}]` : host}:${String(port)}`;
}
