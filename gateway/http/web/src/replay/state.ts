// The state that the page's views draw, filled from a past period instead of from the
// gateway. It has no stream and no rights: nothing live enters, and no act leaves.
import { api, SignedOut } from '../shared/api';
import { State } from '../shared/state';
import type { Line, Past } from './past';
import { readLines } from './past';

export class PastState extends State {
  fetching = false;

  constructor(readonly past: Past) {
    super();
    this.behind = false;
  }

  override start(): void { /* the past does not go on */ }

  // load fetches what every view needs, and the period.
  async load(query: URLSearchParams, stop: AbortSignal): Promise<void> {
    this.setup ??= await api.setup();
    this.fetching = true;
    try {
      const r = await fetch(`/api/v1/replay?${query}`, { signal: stop });
      if (r.status === 401) throw new SignedOut();
      if (!r.ok) throw new Error(((await r.json()) as { detail?: string }).detail ?? r.statusText);
      await readLines(r.body!, (l: Line) => { this.past.take(l); this.changed(); });
    } finally {
      this.fetching = false;
      this.changed();
    }
  }

  // at brings everything to an instant, in ms.
  at(ms: number): void {
    const { past } = this;
    past.go(ms);
    this.clock.set(new Date(past.now).toISOString(), 0);
    this.units.clear();
    this.incidents.clear();
    for (const [id, u] of past.units) this.units.set(id, u);
    for (const [id, i] of past.incidents) this.incidents.set(id, i);
    this.changed();
  }
}
