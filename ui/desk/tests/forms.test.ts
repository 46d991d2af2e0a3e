// What the administration's forms tell beside a field before asking the server, and where its answer stands.
import { describe, expect, it } from 'vitest';
import { badSite, check, faultsOf, withHttps } from '../src/admin/check';
import { chats, replies } from '../src/admin/sections/content';
import { pauses } from '../src/admin/sections/work';
import { sameName } from '../src/admin/values';
import { zoneName, zoneOptions } from '../src/entry/places';
import { ApiError } from '../src/api/client';

const field = (key: string) => chats.fields.filter((f) => f.key === key);

describe('a wrong setting in a chat', () => {
  it('names the line that is no site, and takes a site by its name alone', () => {
    expect(withHttps(['nandu.pe', '*.nandu.pe', 'http://localhost:8080', 'javascript:alert(1)', 'x.pe/a'])).toEqual(['https://nandu.pe', 'https://*.nandu.pe', 'http://localhost:8080', 'javascript:alert(1)', 'x.pe/a']);
    expect(badSite(['nandu.pe', 'https://ñandú.pe/', 'javascript:alert(1)'])).toBe('javascript:alert(1)');
    expect(badSite(['https://nandu.pe/tienda'])).toBe('https://nandu.pe/tienda');
    expect(badSite(['tienda'])).toBe('tienda');
    const draft = { config: { allowed_origins: ['https://nandu.pe', 'javascript:alert(1)'] } };
    expect(check(field('config.allowed_origins'), draft)).toEqual({ 'config.allowed_origins': 'origin' });
  });
  it('marks a colour that is none', () => {
    expect(check(field('config.color'), { config: { color: 'rojo' } })).toEqual({ 'config.color': 'color' });
    expect(check(field('config.color'), { config: { color: '#0C5A55' } })).toEqual({});
  });
  it('brings the server\'s answer beside its field', () => {
    const error = new ApiError(422, 'channel_config_invalid', { line: 'x' }, { 'config.allowed_origins': 'origin' });
    expect(faultsOf(error, chats.fields)).toEqual({ 'config.allowed_origins': 'origin' });
  });
});

describe('a time zone', () => {
  it('is told by its city and its distance, and found by its alphabet', () => {
    expect(zoneName('America/Lima')).toBe('Lima (UTC−5)');
    expect(zoneName('America/Argentina/Buenos_Aires')).toBe('Buenos Aires (UTC−3)');
    const labels = zoneOptions(['America/Lima']).map((o) => o.label);
    expect(labels[0]).toBe('Lima (UTC−5)');
    expect(labels.filter((l) => l.startsWith('Lima '))).toHaveLength(1);
  });
});

describe('a name', () => {
  it('is the same with other capitals, and another with another accent', () => {
    expect(sameName('Inglés', ' inglés ')).toBe(true);
    expect(sameName('Ingles', 'Inglés')).toBe(false);
    expect(sameName('', '')).toBe(false);
  });
});

describe('a code', () => {
  it('says its own rule', () => {
    expect(check(pauses.fields, { name: 'A', code: 'café', position: 1 })).toEqual({ code: 'code' });
    expect(check(replies.fields, { shortcut: 'con espacio', title: 'a', body: 'b' })).toEqual({ shortcut: 'shortcut' });
    expect(check(replies.fields, { shortcut: 'año-2', title: 'a', body: 'b' })).toEqual({});
  });
});
