// What was just done, with a way to undo it, and what could not be done.
import { draw, el } from './dom';
import { both } from './words';

interface Notice { text: string; isError: boolean; undo: (() => Promise<unknown>) | undefined; until: number }

const undoFor = 20_000;

export class Notices {
  private notice: Notice | null = null;

  constructor(private readonly place: HTMLElement) {}

  // act does something, says that it is done, and offers to undo it.
  async act<T>(f: () => Promise<T>, done?: { text: string; undo?: (() => Promise<unknown>) | undefined }): Promise<T | undefined> {
    try {
      const result = await f();
      if (done) this.show({ text: done.text, isError: false, undo: done.undo, until: Date.now() + undoFor });
      return result;
    } catch (e) {
      const text = e instanceof Error ? e.message : String(e);
      this.show({ text, isError: true, undo: undefined, until: Date.now() + undoFor });
      return undefined;
    }
  }

  private show(n: Notice | null): void {
    this.notice = n;
    this.draw();
  }

  undo(): void {
    const undo = this.notice?.undo;
    if (!undo) return;
    this.show(null);
    void this.act(undo, { text: both('Diurungkan', 'Undone') });
  }

  draw(): void {
    if (this.notice && Date.now() > this.notice.until) this.notice = null;
    const n = this.notice;
    this.place.hidden = !n;
    if (!n) {
      this.place.replaceChildren();
      return;
    }
    draw(this.place, el('span', { class: n.isError ? 'error' : '' }, n.text),
      n.undo ? el('button', { type: 'button', id: 'undo', click: () => this.undo() }, both('Urungkan', 'Undo'), el('kbd', {}, 'Z')) : null,
      el('button', { type: 'button', 'aria-label': both('Tutup', 'Dismiss'), click: () => this.show(null) }, '✕'));
  }
}
