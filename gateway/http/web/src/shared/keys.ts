// One key for each act. A key is an act only while nobody types.
export type Keymap = Record<string, () => void>;

function isTyping(t: EventTarget | null): boolean {
  return t instanceof HTMLElement && (t.matches('input:not([type=radio]):not([type=range]), select, textarea') || t.isContentEditable);
}

export function listen(keys: Keymap, onEscape: () => void): void {
  document.addEventListener('keydown', (e) => {
    if (e.key === 'Escape') {
      if (isTyping(e.target)) (e.target as HTMLElement).blur();
      onEscape();
      return;
    }
    if (isTyping(e.target) || e.ctrlKey || e.altKey || e.metaKey) return;
    // Arrows move the map when it has the keyboard, and digits are the form's.
    if (e.key.startsWith('Arrow') && e.target instanceof HTMLElement && e.target.closest('#map, dialog, input')) return;
    const name = e.key.length === 1 ? (e.shiftKey && /[a-z]/i.test(e.key) ? `+${e.key.toLowerCase()}` : e.key.toLowerCase()) : e.key;
    const act = keys[name];
    if (!act) return;
    e.preventDefault();
    act();
  });
}
