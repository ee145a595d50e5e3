import { expect, test } from 'vitest';
import { bytesOf, readable } from './rawframe';

test('a radio sentence is read as text, its framing visible', () => {
  expect(readable(bytesOf(btoa('\x02I11021001\x03\r\n')))).toBe('<STX>I11021001<ETX><CR><LF>');
});

test('bytes that are no text are shown as hexadecimal', () => {
  expect(readable(bytesOf(btoa('\xc0\x00\x82\xff')))).toBe('c0 00 82 ff');
});
