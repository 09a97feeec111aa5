/**
 * What the recorded device can be told to do; the fault file holds the position in this list as one
 * byte.
 */
export const FAULTS = ['none', 'flush-error', 'write-error', 'no-space'] as const

export type Fault = (typeof FAULTS)[number]
