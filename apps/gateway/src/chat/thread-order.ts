/** Messages of a thread that come too early wait so long for those before them. */
const PATIENCE_MS = 200;
const MOST_THREADS = 50_000;

interface Place {
  last: number;
  readonly early: Map<number, () => void>;
  timer: NodeJS.Timeout | undefined;
}

/**
 * Shows each thread's messages in rising order, none twice, though they come from several replicas of chat. One that stays away is left out:
 * the client sees the jump and asks for it.
 */
export class ThreadOrder {
  private readonly places = new Map<string, Place>();

  /** Calls `show` now, in a moment, or never, where a later message has been shown. */
  take(threadId: string, sequence: number, show: () => void): void {
    const place = this.placeOf(threadId, sequence);
    if (sequence <= place.last) return;
    place.early.set(sequence, show);
    this.showNext(place);
    if (place.early.size > 0) place.timer ??= setTimeout(() => this.showEarly(place), PATIENCE_MS).unref();
  }

  private placeOf(threadId: string, sequence: number): Place {
    const place = this.places.get(threadId) ?? { last: sequence - 1, early: new Map(), timer: undefined };
    // The thread told of last stands at the end.
    this.places.delete(threadId);
    this.places.set(threadId, place);
    if (this.places.size > MOST_THREADS) this.forgetOldest();
    return place;
  }

  private showNext(place: Place): void {
    for (let show = place.early.get(place.last + 1); show !== undefined; show = place.early.get(place.last + 1)) {
      place.last += 1;
      place.early.delete(place.last);
      show();
    }
    if (place.early.size > 0) return;
    clearTimeout(place.timer);
    place.timer = undefined;
  }

  private showEarly(place: Place): void {
    place.timer = undefined;
    for (const [sequence, show] of [...place.early].sort(([one], [other]) => one - other)) {
      place.last = sequence;
      show();
    }
    place.early.clear();
  }

  private forgetOldest(): void {
    const [oldest] = this.places;
    if (oldest === undefined) return;
    clearTimeout(oldest[1].timer);
    this.places.delete(oldest[0]);
  }
}
