// The two halves of the Spanish catalogue that desk/vite.config.ts makes.
declare module '*.json?first' { const words: Record<string, string>; export default words; }
declare module '*.json?admin' { const words: Record<string, string>; export default words; }
