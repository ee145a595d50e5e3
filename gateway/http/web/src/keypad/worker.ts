// The service worker: opens the keypad without a network. Reports are not its
// business; the page keeps and sends them.
interface Waiting extends Event { waitUntil(p: Promise<unknown>): void }
interface Fetching extends Event { request: Request; respondWith(r: Promise<Response>): void }
const self_ = self as unknown as EventTarget & { skipWaiting(): Promise<void>; clients: { claim(): Promise<void> } };

const shelf = 'keypad-1';
const page = '/keypad/';

// keep stores the page with everything that it names, all or nothing, and forgets
// what an earlier build named.
async function keep(answer: Response): Promise<void> {
  const html = await answer.clone().text();
  const named = [...html.matchAll(/(?:src|href)="(\/(?:assets|keypad)\/[^"]+)"/g)].map((m) => m[1] as string);
  const cache = await caches.open(shelf);
  await cache.addAll(named);
  await cache.put(page, answer);
  for (const r of await cache.keys()) {
    const path = new URL(r.url).pathname;
    if (path !== page && !named.includes(path)) await cache.delete(r);
  }
}

// open takes the newest page where there is a network, the kept one else. A network
// that does not answer counts as none.
async function open(event: Fetching): Promise<Response> {
  try {
    const fresh = await fetch(page, { cache: 'no-cache', signal: AbortSignal.timeout(4000) });
    if (fresh.ok) (event as unknown as Waiting).waitUntil(keep(fresh.clone()));
    return fresh;
  } catch (e) {
    const old = await caches.match(page);
    if (old) return old;
    throw e;
  }
}

self_.addEventListener('install', (e) => (e as Waiting).waitUntil(fetch(page, { cache: 'no-cache' }).then(keep).then(() => self_.skipWaiting())));
self_.addEventListener('activate', (e) => (e as Waiting).waitUntil(self_.clients.claim()));
self_.addEventListener('fetch', (e) => {
  const event = e as Fetching;
  const { pathname } = new URL(event.request.url);
  if (event.request.method !== 'GET') return;
  if (event.request.mode === 'navigate' && pathname === page) event.respondWith(open(event));
  else if (pathname.startsWith('/assets/') || pathname.startsWith(page)) event.respondWith(caches.match(event.request).then((kept) => kept ?? fetch(event.request)));
});
