// Whether NO_PROXY names a host.
import { BlockList, isIP } from 'node:net';

/**
 * Entries are separated by commas or blanks. `example.com` and `.example.com` are the host and all below it, `*` is
 * every host; addresses can be ranges (`10.0.0.0/8`); a port behind an entry limits it to that port. Nothing is
 * exempt that is not named, localhost neither.
 */
export function isExempt(url: URL, noProxy: string): boolean {
  const target: Target = {
    host: bare(url.hostname).replace(/\.$/, ''),
    port: url.port || (url.protocol === 'https:' ? '443' : '80'),
  };
  return noProxy
    .toLowerCase()
    .split(/[,\s]+/)
    .some((entry) => names(entry, target));
}

interface Target {
  /** In small letters, IPv6 without brackets. */
  readonly host: string;
  readonly port: string;
}

function names(entry: string, { host, port }: Target): boolean {
  if (entry === '*') return true;
  if (entry.includes('/')) return isInRange(host, entry);
  const { name = '', only } = splitPort(entry);
  if (name === '' || (only !== undefined && only !== port)) return false;
  if (isIP(name) > 0) return isInRange(host, name);
  const domain = name.replace(/^\*?\./, '').replace(/\.$/, '');
  return host === domain || host.endsWith(`.${domain}`);
}

/** An IPv6 address has its port behind brackets. */
function splitPort(entry: string): { name: string | undefined; only: string | undefined } {
  if (isIP(entry) > 0) return { name: entry, only: undefined };
  const parts = /^(?<name>\[[^\]]*\]|[^:]*)(?::(?<only>\d+))?$/.exec(entry)?.groups;
  return { name: parts?.['name'] && bare(parts['name']), only: parts?.['only'] };
}

function isInRange(host: string, entry: string): boolean {
  const [address = '', prefix] = entry.split('/');
  const range = isIP(address);
  const longest = range === 6 ? 128 : 32;
  const bits = prefix === undefined ? longest : Number(/^\d{1,3}$/.test(prefix) ? prefix : NaN);
  if (range === 0 || range !== isIP(host) || !(bits <= longest)) return false;
  const family = range === 6 ? 'ipv6' : 'ipv4';
  const list = new BlockList();
  list.addSubnet(address, bits, family);
  return list.check(host, family);
}

function bare(host: string): string {
  return host.replace(/^\[|\]$/g, '');
}
