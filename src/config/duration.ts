// Durations as Prometheus writes them: 30s, 1h30m, 7d, 500ms.

const units = { y: 31_536_000, w: 604_800, d: 86_400, h: 3600, m: 60, s: 1 };
const pattern =
  /^(?=.)(?:(?<y>\d+)y)?(?:(?<w>\d+)w)?(?:(?<d>\d+)d)?(?:(?<h>\d+)h)?(?:(?<m>\d+)m)?(?:(?<s>\d+)s)?(?:(?<ms>\d+)ms)?$/;

/** Seconds; undefined when the text is not a duration. Units come in falling order, each at most once; `0` needs none. */
export function parseDuration(text: string): number | undefined {
  if (text === '0') return 0;
  const amounts = pattern.exec(text)?.groups;
  if (!amounts) return undefined;
  let seconds = Number(amounts['ms'] ?? 0) / 1000;
  for (const [unit, length] of Object.entries(units)) seconds += Number(amounts[unit] ?? 0) * length;
  return seconds;
}
