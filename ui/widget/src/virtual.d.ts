declare module "virtual:words" {
  const catalogues: Record<string, Record<string, string>>;
  export default catalogues;
}
declare module "*.css?inline" {
  const css: string;
  export default css;
}
