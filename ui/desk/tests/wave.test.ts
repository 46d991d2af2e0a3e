import { expect, test } from 'vitest';
import { bars, jump, tall } from '../src/desk/timeline/wave';

test('a bar stands for each part of the time, even above and below', () => {
  const path = bars([255, 0]);
  expect(path.match(/M/g)).toHaveLength(2);
  expect(path.startsWith('M0.15 1h.7v98')).toBe(true);
  expect(path).toContain('M1.15 49h.7v2');
});
test('silence is a thin line and loudness never leaves the box', () => {
  expect(tall(0)).toBe(1);
  expect(tall(999)).toBe(49);
  expect(tall(64)).toBeGreaterThan(tall(32));
});
test('keys move five or thirty seconds, and never beyond the ends', () => {
  expect(jump('ArrowRight', 10, 12)).toBe(12);
  expect(jump('ArrowLeft', 3, 12)).toBe(0);
  expect(jump('PageUp', 10, 90)).toBe(40);
  expect(jump('Home', 10, 90)).toBe(0);
  expect(jump('End', 10, 90)).toBe(90);
  expect(jump('a', 10, 90)).toBeUndefined();
});
