// The characters that never reach a log as they are.

/**
 * Everything but letters, marks, numbers, punctuation, symbols and the space: control characters, which could
 * forge a line or a terminal command, and bidirectional ones, which make a line read as what it is not.
 */
export const unprintable = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u;
