// Sends what waits, one after the other in the order in which it was made.
import type { Entry } from './store';

// Answer is what became of one attempt. "later" is tried again, "gone" means that
// the gateway does not know this device any more.
export type Answer = { what: 'sent'; receivedAt: string } | { what: 'refused' | 'gone'; why: string } | { what: 'later'; afterS: number };

const firstPauseS = 3;
const longestPauseS = 60;

// post sends one entry. The gateway answers 200 only once it is on its disk, and
// takes the same report twice as one, so that an unanswered one is sent again.
export async function post(e: Entry): Promise<Answer> {
  let r: Response;
  try {
    r = await fetch(`/api/v1/devices/${encodeURIComponent(e.device)}/report`, {
      method: 'POST', credentials: 'omit', cache: 'no-store', signal: AbortSignal.timeout(15_000),
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${e.token}` }, body: JSON.stringify({ ...e.body, seq: e.seq }),
    });
  } catch {
    return { what: 'later', afterS: 0 };
  }
  const said = (await r.json().catch(() => ({}))) as { detail?: string; received_at?: string };
  if (r.ok && said.received_at) return { what: 'sent', receivedAt: said.received_at };
  if (r.status === 401) return { what: 'gone', why: said.detail ?? r.statusText };
  if (r.status === 413 || r.status === 422) return { what: 'refused', why: said.detail ?? r.statusText };
  return { what: 'later', afterS: Number(r.headers.get('Retry-After')) || 0 };
}

export interface SenderOptions {
  waiting: () => Entry[];
  settle: (e: Entry, a: Answer) => Promise<void>;
  post?: (e: Entry) => Promise<Answer>;
}

export class Sender {
  private busy = false;
  private again = false;
  private pauseS = firstPauseS;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly o: SenderOptions) {}

  // wake sends at once what waits; a call while sending is not lost.
  async wake(): Promise<void> {
    clearTimeout(this.timer);
    if (this.busy) {
      this.again = true;
      return;
    }
    this.busy = true;
    try {
      do {
        this.again = false;
        await this.run();
      } while (this.again);
    } finally {
      this.busy = false;
    }
  }

  private async run(): Promise<void> {
    for (;;) {
      const e = this.o.waiting()[0];
      if (!e) return;
      const a = await (this.o.post ?? post)(e);
      await this.o.settle(e, a);
      if (a.what === 'later') {
        const wait = Math.max(a.afterS, this.pauseS);
        this.pauseS = Math.min(longestPauseS, this.pauseS * 2);
        this.timer = setTimeout(() => void this.wake(), wait * 1000);
        return;
      }
      this.pauseS = firstPauseS;
    }
  }
}
