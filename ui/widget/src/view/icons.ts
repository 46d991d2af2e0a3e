/** The widget's icons: one path each on a 24 × 24 grid, drawn with few numbers to weigh little. */
export const ICONS = {
  bot: "M12 8V4H8M4 8h16v12H4zM2 14h2M20 14h2M15 13v2M9 13v2",
  clip: "M16 6l-8.4 8.6a2 2 0 0 0 2.8 2.8L18.8 8.8a4 4 0 1 0-5.6-5.6l-8.4 8.5a6 6 0 1 0 8.5 8.5l8.4-8.4",
  clock: "M2 12a10 10 0 1 0 20 0a10 10 0 1 0-20 0M12 6v6l4 2",
  close: "M18 6 6 18M6 6l12 12",
  down: "M6 9l6 6 6-6",
  download: "M12 15V3M7 10l5 5 5-5M3 15v6h18v-6",
  file: "M14 2H6v20h12V6zM14 2v4h4M9 13h6M9 17h6",
  lock: "M5 11h14v10H5zM7 11V7a5 5 0 0 1 10 0v4",
  less: "M5 12h14",
  more: "M11.3 5a.7.7 0 1 0 1.4 0a.7.7 0 1 0-1.4 0M11.3 12a.7.7 0 1 0 1.4 0a.7.7 0 1 0-1.4 0M11.3 19a.7.7 0 1 0 1.4 0a.7.7 0 1 0-1.4 0",
  people: "M18 21a8 8 0 0 0-16 0M5 8a5 5 0 1 0 10 0a5 5 0 1 0-10 0M22 20c0-3-2-6-5-8a5 5 0 0 0 0-8",
  read: "M18 6 7 17l-5-5M22 10l-7.5 7.5L13 16",
  send: "M4 3l18 9L4 21l3-9zM7 12h15",
  sent: "M20 6 9 17l-5-5",
  warn: "M12 3 1 21h22zM12 9v5M12 17v0",
};
export type Icon = keyof typeof ICONS;
