// The label value under which everything is summed that has no series of its own.
export const otherLabel = '__other__';
