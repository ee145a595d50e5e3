// The event stream, shared by all tabs of this browser: HTTP/1.1 allows six
// connections to one gateway, and every stream would hold one for ever. The tab
// that has the lock opens the stream and passes each event on; when it goes, the
// next takes over where it was. Where the browser has no locks (a page without
// TLS that is not on loopback), each tab has a stream of its own.
const names = ['hello', 'heartbeat', 'reset', 'units', 'incident', 'links', 'update'] as const;
export type EventName = (typeof names)[number];

interface Passed { name: EventName; data: string; id: string }

const quietAfter = 12_000; // two heartbeats and some
const wakeAfter = 7_000;

export class Stream {
  private source: EventSource | null = null;
  private readonly channel = new BroadcastChannel('htgateway-events');
  private leads = false;
  private lastId = '';
  private heard = Date.now();
  private ticked = Date.now();

  constructor(private readonly take: (name: EventName, data: string) => void, private readonly quiet: () => void) {}

  // heardAt is when anything last came, by this browser's own clock.
  get heardAt(): number {
    return this.heard;
  }

  start(): void {
    this.channel.onmessage = (e: MessageEvent<Passed>) => {
      this.received(e.data);
      if (!this.leads) this.close(); // somebody passes events on again
    };
    if ('locks' in navigator) {
      void navigator.locks.request('htgateway-events', () => new Promise<never>(() => {
        this.leads = true;
        this.open();
      }));
    } else this.open();
    setInterval(() => this.watch(), 1000);
    const woken = (): void => {
      if (document.visibilityState === 'visible' && Date.now() - this.heard > wakeAfter) this.cut();
    };
    document.addEventListener('visibilitychange', woken);
    window.addEventListener('online', woken);
    window.addEventListener('pageshow', woken);
    window.addEventListener('offline', () => this.quiet());
  }

  private received(p: Passed): void {
    this.heard = Date.now();
    if (p.id) this.lastId = p.id;
    this.take(p.name, p.data);
  }

  private open(): void {
    this.close();
    const source = new EventSource(`/api/v1/events?for=page&last_event_id=${encodeURIComponent(this.lastId)}`);
    this.source = source;
    for (const name of names) {
      source.addEventListener(name, (e) => {
        const m = e as MessageEvent<string>;
        const passed = { name, data: m.data, id: m.lastEventId };
        this.received(passed);
        if (this.leads) this.channel.postMessage(passed);
      });
    }
    source.addEventListener('error', () => {
      if (source === this.source) this.quiet();
    });
  }

  private close(): void {
    this.source?.close();
    this.source = null;
  }

  // cut is called when the line is taken to be dead: it is told, and opened anew.
  private cut(): void {
    this.quiet();
    this.open();
    this.heard = Math.max(this.heard, Date.now() - quietAfter + 4000); // leave the new one some seconds
  }

  private watch(): void {
    const now = Date.now();
    const slept = now - this.ticked > 5000; // the machine or the tab stood still
    this.ticked = now;
    if (slept) this.quiet();
    if (now - this.heard > quietAfter || this.source?.readyState === EventSource.CLOSED) this.cut();
  }
}
