// What a live poll asks of a source. LiveKit's server API is such a source. Rejects with a SourceError when it could not
// be read, or with the signal's reason. Times are Unix seconds.
import type { LiveEgress, LiveRoom } from './live.ts';
import type { RejectionReason } from './session-row.ts';

export interface LiveSource {
  /** All rooms of the project. `sentAt`: when they were asked for, by our clock. */
  readRooms(signal: AbortSignal): Promise<{
    readonly rooms: readonly LiveRoom[];
    readonly rejected: readonly RejectionReason[];
    readonly sentAt: number;
  }>;
  /** Running and recently ended egresses. `time`: by LiveKit's clock, not later than the answer was made. */
  readEgresses(signal: AbortSignal): Promise<{
    readonly egresses: readonly LiveEgress[];
    readonly rejected: readonly RejectionReason[];
    readonly time: number;
  }>;
}
