// @vitest-environment happy-dom
import { expect, test, vi } from 'vitest';
import { draw, el } from './dom';

test('an element that stays is not replaced, so a click on it is not lost', () => {
  const box = document.createElement('div');
  draw(box, el('button', { id: 'a' }, 'one'), el('span', {}, 'x'));
  const button = box.firstChild;
  draw(box, el('button', { id: 'a' }, 'two'));
  expect(box.firstChild).toBe(button);
  expect(box.textContent).toBe('two');
});

test('a button that stays does what it was last drawn for', () => {
  const box = document.createElement('div');
  const [old, now] = [vi.fn(), vi.fn()];
  draw(box, el('button', { click: old }, 'act'));
  draw(box, el('button', { click: now }, 'act'));
  (box.firstChild as HTMLButtonElement).click();
  expect(old).not.toHaveBeenCalled();
  expect(now).toHaveBeenCalledOnce();
  draw(box, el('button', {}, 'act'));
  (box.firstChild as HTMLButtonElement).click();
  expect(now).toHaveBeenCalledOnce();
});

test('a card of another incident is another element', () => {
  const box = document.createElement('div');
  draw(box, el('button', { 'data-key': '1' }, 'one'));
  const first = box.firstChild;
  draw(box, el('button', { 'data-key': '2' }, 'two'));
  expect(box.firstChild).not.toBe(first);
});

test('a list sorted anew keeps its rows', () => {
  const box = document.createElement('div');
  const rows = (...keys: string[]): HTMLElement[] => keys.map((k) => el('button', { 'data-key': k }, k));
  draw(box, ...rows('a', 'b', 'c'));
  const [a, b, c] = [...box.children];
  draw(box, ...rows('c', 'a', 'd', 'b'));
  expect([...box.children].map((e) => e.textContent)).toEqual(['c', 'a', 'd', 'b']);
  expect([box.children[0], box.children[1], box.children[3]]).toEqual([c, a, b]);
});

test('the chosen unit stays chosen when the list is sorted anew', () => {
  const box = document.createElement('div');
  const list = (...values: string[]): HTMLElement => el('select', {}, ...values.map((v) => el('option', { value: v }, v)));
  draw(box, list('near', 'far'));
  const select = box.firstChild as HTMLSelectElement;
  select.value = 'far';
  draw(box, list('far', 'other', 'near'));
  expect(select.value).toBe('far');
});

test('hostile text is text', () => {
  const box = document.createElement('div');
  draw(box, el('p', {}, '<img src=x onerror=alert(1)>'));
  expect(box.querySelector('img')).toBeNull();
});

test('what somebody types in is not replaced when something before it goes', () => {
  const box = document.createElement('div');
  document.body.append(box);
  const form = (): HTMLElement => el('form', {}, el('input', { name: 'text' }));
  draw(box, el('p', { id: 'silence' }, 'quiet'), el('dl', {}), el('div', {}, 'acts'), form(), el('ol', {}));
  const field = box.querySelector('input')!;
  field.focus();
  field.value = 'MOHON UPD';
  draw(box, el('dl', {}), el('div', {}, 'acts'), form(), el('ol', {}));
  expect(box.querySelector('input')).toBe(field);
  expect(document.activeElement).toBe(field);
  expect(field.value).toBe('MOHON UPD');
  draw(box, el('p', { id: 'silence' }, 'quiet'), el('dl', {}), el('div', {}, 'acts'), form(), el('ol', {}));
  expect(box.querySelector('input')).toBe(field);
  expect([...box.children].map((c) => c.tagName)).toEqual(['P', 'DL', 'DIV', 'FORM', 'OL']);
});
