// Makes itself heard: rings until the offer is answered, tells the system when the page is out of sight, and shows the
// number that waits in the title and in the tab's icon.
import { play } from './sound';

type Permission = 'granted' | 'denied' | 'default' | 'missing';
const ask = (): Permission => (typeof Notification === 'undefined' ? 'missing' : Notification.permission);
export const noticesState = $state<{ permission: Permission }>({ permission: ask() });

export async function askNotices(): Promise<void> {
  if (typeof Notification === 'undefined') return;
  await Notification.requestPermission();
  noticesState.permission = ask();
}

const RING_EVERY_MS = 3000;
let ringing: { tag: string; timer: ReturnType<typeof setInterval>; notice: Notification | null } | null = null;

/** Starts the ring of one offer; ringing again with the same tag goes on, another tag replaces it. */
export function ring(tag: string, title: string, body: string, sound: { on: boolean; volume: number }): void {
  if (ringing?.tag === tag) return;
  hush();
  const sing = () => sound.on && play('offer', sound.volume);
  sing();
  ringing = { tag, timer: setInterval(sing, RING_EVERY_MS), notice: notice(tag, title, body) };
}
export function hush(): void {
  if (!ringing) return;
  clearInterval(ringing.timer);
  ringing.notice?.close();
  ringing = null;
}
export const blip = (sound: { on: boolean; volume: number }): void => {
  if (sound.on) play('message', sound.volume * 0.7);
};

/** A notice of the system, only when the page is not being looked at. */
export function notice(tag: string, title: string, body: string): Notification | null {
  if (document.hasFocus() || ask() !== 'granted') return null;
  const shown = new Notification(title, { tag, body });
  shown.onclick = () => {
    window.focus();
    shown.close();
  };
  return shown;
}

let plainTitle = '';
let blink: ReturnType<typeof setInterval> | undefined;
/** "(3) Atiende" in the tab; with `alert`, its words take turns with the title until it is gone. */
export function badge(count: number, alert = ''): void {
  plainTitle ||= document.title;
  const title = count ? `(${count}) ${plainTitle}` : plainTitle;
  clearInterval(blink);
  document.title = alert || title;
  if (alert) blink = setInterval(() => (document.title = document.title === alert ? title : alert), 1200);
  drawIcon(count);
}

let drawn = -1;
function drawIcon(count: number): void {
  const icon = document.querySelector<HTMLLinkElement>('link[rel=icon]');
  if (!icon || drawn === count) return;
  drawn = count;
  icon.dataset.plain ??= icon.href;
  if (!count) return void (icon.href = icon.dataset.plain);
  const picture = new Image();
  picture.onload = () => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 64, height: 64 });
    const pen = canvas.getContext('2d');
    if (!pen || drawn !== count) return;
    const style = getComputedStyle(document.documentElement);
    pen.drawImage(picture, 0, 0, 64, 64);
    pen.fillStyle = style.getPropertyValue('--badge');
    pen.beginPath();
    pen.arc(44, 20, 20, 0, 7);
    pen.fill();
    pen.fillStyle = style.getPropertyValue('--badge-ink');
    pen.font = '700 28px sans-serif';
    pen.textAlign = 'center';
    pen.fillText(count > 9 ? '9+' : String(count), 44, 30);
    icon.href = canvas.toDataURL();
  };
  picture.src = icon.dataset.plain;
}
