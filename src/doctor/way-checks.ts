// Checks of the way to the API: proxy, authorities, name, connection.
import { type Finding, fail, ok, skip, warn } from './finding.ts';
import type { Patient } from './patient.ts';

export async function checkProxy({ proxy, exemptBy, url, reachProxy }: Patient): Promise<Finding> {
  if (!proxy) return ok(exemptBy === undefined ? 'none' : `none: ${exemptBy} names ${url.hostname}`);
  await reachProxy();
  return ok(`${proxy.address} (${proxy.variable}${proxy.hasCredentials ? ', with a user' : ''})`);
}

export async function checkAuthorities({ authorities, url, proxy }: Patient): Promise<Finding> {
  if (url.protocol !== 'https:' && !proxy?.address.startsWith('https:'))
    return skip('not needed without TLS');
  const found = await authorities();
  const problems = found.filter(({ problem }) => problem !== undefined);
  if (problems.length > 0) {
    return fail(
      problems.map(({ variable, problem }) => `${variable}: ${problem ?? ''}`).join('; '),
      'name what holds certificates in PEM format and can be read by this user, or remove the variable',
    );
  }
  const more = found.map(
    ({ variable, certificates }) => `, ${variable} (${counted(certificates, 'certificate')})`,
  );
  return ok(`Node's own${more.join('')}`);
}

export async function checkName({ url, proxy, resolve }: Patient): Promise<Finding> {
  if (proxy) return skip('left to the proxy');
  if (/^\[|^[\d.]+$/.test(url.hostname)) return skip(`${url.hostname} is an address`);
  const [first = 'nothing', ...others] = await resolve();
  return ok(`${url.hostname} is ${first}${others.length > 0 ? ` and ${others.length} more` : ''}`);
}

export async function checkConnection({ url, proxy, connect }: Patient): Promise<Finding> {
  const { seconds, tls } = await connect();
  const way = proxy ? ' through the proxy' : '';
  if (tls) {
    const { protocol, issuer, validUntil } = tls;
    return ok(`${protocol}${way} in ${inWords(seconds)}, certificate by ${issuer} until ${validUntil}`);
  }
  const plain = `open${way} in ${inWords(seconds)}, without TLS`;
  if (isThisMachine(url.hostname)) return ok(plain);
  return warn(`${plain}: the token can be read on the way`, 'use https in api.url');
}

/** `1 page`, `3 pages`. */
export function counted(count: number, noun: string): string {
  return `${String(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** `140 ms`, `7.2 s`. */
export function inWords(seconds: number): string {
  return seconds < 1 ? `${String(Math.round(seconds * 1000))} ms` : `${seconds.toFixed(1)} s`;
}

function isThisMachine(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.[\d.]+$/.test(hostname);
}
