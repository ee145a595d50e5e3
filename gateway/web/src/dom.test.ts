// @vitest-environment happy-dom
import { expect, test } from 'vitest';
import { draw, el } from './dom';

test('an element that stays is not replaced, so a click on it is not lost', () => {
  const box = document.createElement('div');
  draw(box, el('button', { id: 'a' }, 'one'), el('span', {}, 'x'));
  const button = box.firstChild;
  draw(box, el('button', { id: 'a' }, 'two'));
  expect(box.firstChild).toBe(button);
  expect(box.textContent).toBe('two');
});

test('a card of another incident is another element', () => {
  const box = document.createElement('div');
  draw(box, el('button', { 'data-incident': '1' }, 'one'));
  const first = box.firstChild;
  draw(box, el('button', { 'data-incident': '2' }, 'two'));
  expect(box.firstChild).not.toBe(first);
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
