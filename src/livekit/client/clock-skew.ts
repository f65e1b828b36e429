// How far this machine's clock is off, going by the time that an answer of the API names.

/** A clock that is further off makes the API refuse fresh tokens: LiveKit's leeway, in seconds. */
export const clockTolerance = 60;

/**
 * Whole seconds, positive when this machine is ahead. The server's time has whole seconds: it is taken to be in the
 * middle of its second. Both in Unix seconds.
 */
export function clockSkew(serverTime: number, now: number): number {
  // -0 is 0.
  return Math.round(now - serverTime - 0.5) + 0;
}

/** `12 s ahead of the API's`. */
export function skewInWords(skew: number): string {
  if (skew === 0) return "the same as the API's";
  return `${Math.abs(skew)} s ${skew > 0 ? 'ahead of' : 'behind'} the API's`;
}

export function clockRemedy(skew: number): string {
  return `set this machine's clock: it is ${skewInWords(skew)}, which makes tokens invalid`;
}
