// Elements are made with textContent only: call signs, addresses and radio texts
// come from outside.
export type Child = Node | string | null | undefined | false;
type Handler = (e: Event) => void;

// Handlers are kept beside their element, so that drawing anew replaces them
// together with what they act on.
const handlers = new WeakMap<Element, Map<string, Handler>>();

function dispatch(e: Event): void {
  handlers.get(e.currentTarget as Element)?.get(e.type)?.(e);
}

function listen(e: Element, name: string, h: Handler): void {
  const own = handlers.get(e) ?? new Map<string, Handler>();
  if (!own.has(name)) e.addEventListener(name, dispatch);
  own.set(name, h);
  handlers.set(e, own);
}

export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K, attributes: Record<string, string | boolean | Handler | undefined> = {}, ...children: Child[]
): HTMLElementTagNameMap[K] {
  const e = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') listen(e, name, value);
    else if (value === true) e.setAttribute(name, '');
    else if (name === 'style' && value) e.style.cssText = value; // the policy lets scripts set styles, not attributes
    else if (value !== false && value !== undefined) e.setAttribute(name, value);
  }
  for (const c of children) if (c) e.append(c);
  return e;
}

export function byId(id: string): HTMLElement {
  const e = document.getElementById(id);
  if (!e) throw new Error(`no element #${id}`);
  return e;
}

// draw brings a container to hold these children and changes only what differs:
// an element under somebody's finger is not replaced between press and release,
// and the one with the keyboard keeps it.
export function draw(container: Element, ...children: Child[]): void {
  const focused = document.activeElement;
  const next = container.cloneNode(false) as Element;
  for (const c of children) if (c) next.append(c);
  morphChildren(container, next);
  if (focused instanceof HTMLElement && focused !== document.activeElement && container.contains(focused)) {
    focused.focus({ preventScroll: true });
  }
}

// key tells whether two elements are about the same thing.
function key(n: Node): string {
  if (!(n instanceof Element)) return n.nodeName;
  return `${n.tagName} ${n.id} ${n.getAttribute('data-key') ?? ''}`;
}

function isBusy(e: Element): boolean {
  return e === document.activeElement && (e instanceof HTMLInputElement || e instanceof HTMLSelectElement || e instanceof HTMLTextAreaElement);
}

function morph(live: Element, next: Element): void {
  if (isBusy(live)) return;
  // An island looks after its own content.
  if (live.hasAttribute('data-island')) return;
  for (const a of [...live.attributes]) if (!next.hasAttribute(a.name)) live.removeAttribute(a.name);
  for (const a of [...next.attributes]) {
    if (live.getAttribute(a.name) === a.value) continue;
    if (a.name === 'style' && live instanceof HTMLElement) live.style.cssText = a.value;
    else live.setAttribute(a.name, a.value);
  }
  const fresh = handlers.get(next);
  for (const name of handlers.get(live)?.keys() ?? []) if (!fresh?.has(name)) handlers.get(live)?.set(name, () => undefined);
  for (const [name, h] of fresh ?? []) listen(live, name, h);
  const chosen = live instanceof HTMLSelectElement ? live.value : null;
  morphChildren(live, next);
  // Options may have changed places: what was chosen stays chosen.
  if (live instanceof HTMLSelectElement && [...live.options].some((o) => o.value === chosen)) live.value = chosen ?? '';
}

function morphChildren(live: Element, next: Element): void {
  const wanted = [...next.childNodes];
  const ahead = new Map<string, number>(); // how many of each are still to come
  for (const b of wanted) ahead.set(key(b), (ahead.get(key(b)) ?? 0) + 1);
  let at = live.firstChild;
  for (const b of wanted) {
    const want = key(b);
    // What is wanted no more goes at once: what stands after it is found in its place, and
    // somebody who types there keeps the field.
    while (at && !ahead.get(key(at))) {
      const gone: ChildNode = at;
      at = at.nextSibling;
      gone.remove();
    }
    ahead.set(want, (ahead.get(want) ?? 0) - 1);
    // What stands further down is brought up, so that a list sorted anew keeps its rows.
    let a: ChildNode | null = at;
    if (a && key(a) !== want) {
      while (a && key(a) !== want) a = a.nextSibling;
      if (a && b instanceof Element && b.hasAttribute('data-key')) live.insertBefore(a, at);
      else if (a !== at) a = null;
    }
    if (!a) {
      live.insertBefore(b, at);
      continue;
    }
    if (a === at) at = a.nextSibling;
    if (a instanceof Element && b instanceof Element) morph(a, b);
    else if (a instanceof Text && b instanceof Text && a.data !== b.data) a.data = b.data;
  }
  while (at) {
    const gone: ChildNode = at;
    at = at.nextSibling;
    gone.remove();
  }
}
