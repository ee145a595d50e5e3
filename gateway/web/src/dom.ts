// Elements are made with textContent only: call signs, addresses and radio texts
// come from outside.
type Child = Node | string | null | undefined | false;

export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K, attributes: Record<string, string | boolean | ((e: Event) => void)> = {}, ...children: Child[]
): HTMLElementTagNameMap[K] {
  const e = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') e.addEventListener(name, value);
    else if (value === true) e.setAttribute(name, '');
    else if (value !== false) e.setAttribute(name, value);
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
// an element under somebody's finger is not replaced between press and release.
export function draw(container: Element, ...children: Child[]): void {
  const next = container.cloneNode(false) as Element;
  for (const c of children) if (c) next.append(c);
  morph(container, next);
}

// key tells whether two elements are about the same thing.
function key(e: Element): string {
  return `${e.tagName} ${e.id} ${e.getAttribute('data-incident') ?? ''}`;
}

function morph(live: Element, next: Element): void {
  if (live === document.activeElement && (live instanceof HTMLInputElement || live instanceof HTMLSelectElement)) return;
  for (const a of [...live.attributes]) if (!next.hasAttribute(a.name)) live.removeAttribute(a.name);
  for (const a of [...next.attributes]) if (live.getAttribute(a.name) !== a.value) live.setAttribute(a.name, a.value);
  const wanted = [...next.childNodes];
  const chosen = live instanceof HTMLSelectElement ? live.value : null;
  wanted.forEach((b, i) => {
    const a = live.childNodes[i];
    if (!a) live.append(b);
    else if (a instanceof Text && b instanceof Text) {
      if (a.data !== b.data) a.data = b.data;
    } else if (a instanceof Element && b instanceof Element && key(a) === key(b)) morph(a, b);
    else a.replaceWith(b);
  });
  while (live.childNodes.length > wanted.length) live.lastChild?.remove();
  // Options may have changed places: what was chosen stays chosen.
  if (live instanceof HTMLSelectElement && [...live.options].some((o) => o.value === chosen)) live.value = chosen ?? '';
}
